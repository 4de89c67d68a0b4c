ALTER TABLE projects DROP COLUMN hourly_rate;
ALTER TABLE projects DROP COLUMN budget;
