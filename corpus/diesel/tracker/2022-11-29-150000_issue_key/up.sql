-- Numbers are given out by project, without a gap.
ALTER TABLE projects ADD COLUMN next_number INTEGER NOT NULL DEFAULT 1;
UPDATE projects SET next_number = 1 + coalesce((SELECT max(number) FROM issues WHERE project_id = projects.id), 0);
ALTER TABLE projects ADD CONSTRAINT projects_key_key UNIQUE (key);
