BEGIN;
CREATE TABLE mentions (
    comment_id BIGINT NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    UNIQUE (comment_id, user_id)
);
CREATE INDEX mentions_user ON mentions (user_id);
COMMIT;
