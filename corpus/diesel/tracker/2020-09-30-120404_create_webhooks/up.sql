CREATE TYPE webhook_event AS ENUM ('issue_opened', 'issue_closed', 'comment_created');

CREATE TABLE webhooks (
    id SERIAL PRIMARY KEY,
    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    secret BYTEA,
    events webhook_event[] NOT NULL,
    active BOOLEAN NOT NULL DEFAULT TRUE,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
