DELETE FROM boards a USING boards b WHERE a.ctid > b.ctid AND a.project_id = b.project_id AND a.name = b.name;
ALTER TABLE boards ADD CONSTRAINT boards_project_name UNIQUE (project_id, name);
