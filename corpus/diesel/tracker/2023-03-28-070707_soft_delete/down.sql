drop index concurrently if exists idx_issues_alive;
alter table projects drop column deleted_at;
alter table comments drop column deleted_at;
alter table issues drop column deleted_at;
