alter table issues drop constraint closed_has_time;
alter table issues drop column closed_at;
