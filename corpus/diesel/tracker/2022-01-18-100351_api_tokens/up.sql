CREATE TABLE api_tokens (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    hash BYTEA NOT NULL,
    scopes TEXT[] NOT NULL DEFAULT '{}',
    last_used_at TIMESTAMPTZ,
    PRIMARY KEY (id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
ALTER TABLE ONLY api_tokens ADD CONSTRAINT api_tokens_hash_key UNIQUE (hash);
