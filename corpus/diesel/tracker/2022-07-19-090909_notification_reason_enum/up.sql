CREATE TYPE notification_reason AS ENUM ('assigned', 'mentioned', 'watching', 'author');
ALTER TABLE notifications ALTER COLUMN reason TYPE notification_reason USING reason::notification_reason;
