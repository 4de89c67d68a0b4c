CREATE TABLE cards (
    board_column_id UUID NOT NULL REFERENCES board_columns (id) ON DELETE CASCADE,
    issue_id INTEGER NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
    rank NUMERIC NOT NULL,
    CONSTRAINT cards_pkey PRIMARY KEY (board_column_id, issue_id)
);
CREATE INDEX CONCURRENTLY cards_issue ON cards (issue_id);
