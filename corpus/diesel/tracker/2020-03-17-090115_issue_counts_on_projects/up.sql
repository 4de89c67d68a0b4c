ALTER TABLE projects
    ADD COLUMN open_issues INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN closed_issues INTEGER NOT NULL DEFAULT 0;

UPDATE projects p
SET open_issues = (SELECT count(*) FROM issues i WHERE i.project_id = p.id AND NOT i.closed),
    closed_issues = (SELECT count(*) FROM issues i WHERE i.project_id = p.id AND i.closed);
