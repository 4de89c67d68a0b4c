ALTER TABLE users ALTER COLUMN locale TYPE VARCHAR(5);
UPDATE users SET password_hash = '' WHERE password_hash IS NULL;
ALTER TABLE users ALTER COLUMN password_hash SET NOT NULL;
