DROP INDEX issues_project_created;
CREATE INDEX idx_issues_created ON issues (created_at DESC);
