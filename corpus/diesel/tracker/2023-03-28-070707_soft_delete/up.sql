alter table issues add column deleted_at timestamptz;
alter table comments add column deleted_at timestamptz;
alter table projects add column deleted_at timestamptz;
create index concurrently if not exists idx_issues_alive on issues (project_id, number) where deleted_at is null;
