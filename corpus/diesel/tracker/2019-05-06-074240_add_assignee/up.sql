alter table issues add column assignee_id int references users (id) on delete set null;
create index idx_issues_assignee on issues (assignee_id) where assignee_id is not null;
