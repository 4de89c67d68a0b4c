DROP VIEW issue_overview;
