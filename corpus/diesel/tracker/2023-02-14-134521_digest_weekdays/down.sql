ALTER TABLE user_settings DROP COLUMN digest_days;
