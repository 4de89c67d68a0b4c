CREATE TABLE user_settings (
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    theme VARCHAR(16) DEFAULT 'light' NOT NULL,
    digest_at TIME WITH TIME ZONE,
    keyboard BOOLEAN DEFAULT true NOT NULL
);
INSERT INTO user_settings (user_id) SELECT id FROM users;
