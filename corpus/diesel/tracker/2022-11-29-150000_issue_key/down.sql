ALTER TABLE projects DROP CONSTRAINT projects_key_key;
ALTER TABLE projects DROP COLUMN next_number;
