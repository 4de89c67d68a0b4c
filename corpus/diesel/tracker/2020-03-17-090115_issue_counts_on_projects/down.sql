ALTER TABLE projects DROP COLUMN open_issues, DROP COLUMN closed_issues;
