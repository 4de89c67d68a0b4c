-- Those who left are one user from now on.
INSERT INTO users (email, password_hash, display_name) VALUES ('ghost@tracker.invalid', '', 'ghost');
UPDATE issues SET author_id = (SELECT id FROM users WHERE email = 'ghost@tracker.invalid') WHERE author_id IS NULL;
ALTER TABLE issues ALTER COLUMN author_id SET NOT NULL;
