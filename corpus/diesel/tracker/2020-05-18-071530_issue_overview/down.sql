drop view issue_overview;
