ALTER TABLE notifications ALTER COLUMN reason TYPE TEXT USING reason::text;
DROP TYPE notification_reason;
