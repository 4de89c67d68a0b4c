CREATE TYPE link_kind AS ENUM ('blocks', 'duplicates', 'relates');
CREATE TABLE issue_links (
    from_id INTEGER NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
    to_id INTEGER NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
    kind link_kind NOT NULL,
    PRIMARY KEY (from_id, to_id, kind),
    CONSTRAINT no_loop CHECK (from_id <> to_id)
);
CREATE INDEX issue_links_to ON issue_links (to_id);
