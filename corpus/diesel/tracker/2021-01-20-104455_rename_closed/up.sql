CREATE TYPE issue_state AS ENUM ('open', 'in_progress', 'done', 'rejected');
ALTER TABLE issues ADD COLUMN state issue_state NOT NULL DEFAULT 'open';
UPDATE issues SET state = 'done' WHERE closed;
DROP VIEW issue_overview;
ALTER TABLE issues DROP CONSTRAINT closed_has_time;
ALTER TABLE issues DROP COLUMN closed;
CREATE VIEW issue_overview AS
SELECT i.id, i.project_id, i.number, i.title, i.state, u.display_name AS author
FROM issues i JOIN users u ON u.id = i.author_id;
