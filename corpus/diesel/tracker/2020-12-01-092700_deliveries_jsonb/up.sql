ALTER TABLE webhook_deliveries ALTER COLUMN request TYPE JSONB USING request::jsonb;
CREATE INDEX webhook_deliveries_request ON webhook_deliveries USING gin (request jsonb_path_ops);
