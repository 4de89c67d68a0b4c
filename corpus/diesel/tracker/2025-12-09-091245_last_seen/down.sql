ALTER TABLE users DROP COLUMN invited_by, DROP COLUMN last_seen_at;
