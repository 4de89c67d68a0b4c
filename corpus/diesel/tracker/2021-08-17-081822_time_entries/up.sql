CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE time_entries (
    id BIGSERIAL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    issue_id INTEGER NOT NULL REFERENCES issues (id),
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ NOT NULL,
    EXCLUDE USING gist (user_id WITH =, tstzrange(started_at, ended_at) WITH &&),
    CHECK (started_at < ended_at)
);
