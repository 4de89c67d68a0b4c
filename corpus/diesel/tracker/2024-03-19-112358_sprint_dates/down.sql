ALTER TABLE sprints ADD COLUMN during DATERANGE;
UPDATE sprints SET during = daterange(starts_on, ends_on);
ALTER TABLE sprints ALTER COLUMN during SET NOT NULL, DROP COLUMN starts_on, DROP COLUMN ends_on;
