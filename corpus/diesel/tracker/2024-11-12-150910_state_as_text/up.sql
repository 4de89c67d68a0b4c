-- The states of an issue are the project's own from now on.
ALTER TABLE issues ALTER COLUMN state DROP DEFAULT;
ALTER TABLE issues ALTER COLUMN state TYPE varchar(32);
ALTER TABLE issues ALTER COLUMN state SET DEFAULT 'open';
DROP TYPE issue_state;
