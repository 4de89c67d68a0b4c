drop trigger issues_counted on issues;
drop function count_issues();
