CREATE VIEW issue_overview AS
SELECT i.id, i.project_id, i.number, i.title, i.state, u.name AS author
FROM issues i JOIN users u ON u.id = i.author_id;
