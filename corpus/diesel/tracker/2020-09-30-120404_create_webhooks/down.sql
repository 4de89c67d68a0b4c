DROP TABLE webhooks;
DROP TYPE webhook_event;
