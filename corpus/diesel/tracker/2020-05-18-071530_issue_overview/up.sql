create view issue_overview as
select i.id, i.project_id, i.number, i.title, i.closed, u.display_name as author,
    (select count(*) from comments c where c.issue_id = i.id) as comment_count
from issues i
left join users u on u.id = i.author_id;
