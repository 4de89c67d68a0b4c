INSERT INTO webhook_deliveries SELECT * FROM webhook_deliveries_2020;
DROP TABLE webhook_deliveries_2020;
