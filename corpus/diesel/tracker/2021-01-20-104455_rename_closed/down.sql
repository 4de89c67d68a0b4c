DROP VIEW issue_overview;
ALTER TABLE issues ADD COLUMN closed BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE issues SET closed = state IN ('done', 'rejected');
ALTER TABLE issues DROP COLUMN state;
DROP TYPE issue_state;
ALTER TABLE issues ADD CONSTRAINT closed_has_time CHECK (NOT closed OR closed_at IS NOT NULL) NOT VALID;
CREATE VIEW issue_overview AS
SELECT i.id, i.project_id, i.number, i.title, i.closed, u.display_name AS author
FROM issues i JOIN users u ON u.id = i.author_id;
