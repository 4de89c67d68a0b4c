ALTER TABLE user_settings ADD COLUMN digest_days INTEGER[] NOT NULL DEFAULT '{1,2,3,4,5}';
