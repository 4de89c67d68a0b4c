CREATE TABLE webhook_deliveries_2020 AS
SELECT * FROM webhook_deliveries WHERE delivered_at < '2021-01-01';
DELETE FROM webhook_deliveries WHERE delivered_at < '2021-01-01';
