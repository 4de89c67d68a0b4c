alter table issues drop column assignee_id;
