CREATE TABLE reactions (
    comment_id BIGINT NOT NULL,
    user_id INTEGER NOT NULL,
    emoji VARCHAR(32) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
ALTER TABLE reactions
    ADD CONSTRAINT reactions_pkey PRIMARY KEY (comment_id, user_id, emoji),
    ADD CONSTRAINT reactions_comment_fk FOREIGN KEY (comment_id) REFERENCES comments (id) ON DELETE CASCADE,
    ADD CONSTRAINT reactions_user_fk FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
