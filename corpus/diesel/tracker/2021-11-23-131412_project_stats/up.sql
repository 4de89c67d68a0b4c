CREATE MATERIALIZED VIEW project_stats AS
SELECT p.id AS project_id, count(i.id) AS issues, count(i.id) FILTER (WHERE i.state = 'done') AS done
FROM projects p LEFT JOIN issues i ON i.project_id = p.id
GROUP BY p.id;
CREATE UNIQUE INDEX project_stats_project ON project_stats (project_id);
