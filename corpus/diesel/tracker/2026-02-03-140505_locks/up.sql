DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_indexes WHERE indexname = 'idx_issues_created') THEN
        DROP INDEX idx_issues_created;
    END IF;
END
$$;
LOCK TABLE issues IN SHARE MODE;
CREATE INDEX issues_project_created ON issues (project_id, created_at DESC);
