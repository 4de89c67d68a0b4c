CREATE TABLE attachments (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    issue_id INTEGER NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
    file_name VARCHAR NOT NULL,
    content_type VARCHAR NOT NULL,
    size INTEGER NOT NULL CHECK (size > 0),
    sha256 BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX attachments_issue_idx ON attachments USING btree (issue_id);
CREATE INDEX attachments_sha256_idx ON attachments USING hash (sha256);
