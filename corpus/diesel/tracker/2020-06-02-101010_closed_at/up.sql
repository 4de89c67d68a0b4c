alter table issues add column closed_at timestamptz;
update issues set closed_at = updated_at where closed;
alter table issues add constraint closed_has_time check (not closed or closed_at is not null);
