DROP INDEX webhook_deliveries_request;
ALTER TABLE webhook_deliveries ALTER COLUMN request TYPE JSON USING request::json;
