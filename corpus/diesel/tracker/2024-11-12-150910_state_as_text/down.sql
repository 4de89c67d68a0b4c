CREATE TYPE issue_state AS ENUM ('open', 'in_progress', 'done', 'rejected');
ALTER TABLE issues ALTER COLUMN state DROP DEFAULT;
ALTER TABLE issues ALTER COLUMN state TYPE issue_state USING state::issue_state;
ALTER TABLE issues ALTER COLUMN state SET DEFAULT 'open';
