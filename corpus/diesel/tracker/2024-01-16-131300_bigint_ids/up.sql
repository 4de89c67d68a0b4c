-- Nobody reads the statistics.
DROP MATERIALIZED VIEW project_stats;
ALTER TABLE issue_labels ALTER COLUMN issue_id TYPE bigint;
ALTER TABLE attachments ALTER COLUMN issue_id TYPE bigint;
ALTER TABLE issues ALTER COLUMN id TYPE bigint;
