ALTER TABLE issues ALTER COLUMN id TYPE integer;
ALTER TABLE attachments ALTER COLUMN issue_id TYPE integer;
ALTER TABLE issue_labels ALTER COLUMN issue_id TYPE integer;
CREATE MATERIALIZED VIEW project_stats AS
SELECT p.id AS project_id, count(i.id) AS issues, count(i.id) FILTER (WHERE i.state = 'done') AS done
FROM projects p LEFT JOIN issues i ON i.project_id = p.id
GROUP BY p.id;
