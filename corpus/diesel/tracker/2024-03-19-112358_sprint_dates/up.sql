ALTER TABLE sprints ADD COLUMN starts_on DATE, ADD COLUMN ends_on DATE;
UPDATE sprints SET starts_on = lower(during), ends_on = upper(during);
ALTER TABLE sprints ALTER COLUMN starts_on SET NOT NULL, ALTER COLUMN ends_on SET NOT NULL, DROP COLUMN during;
ALTER TABLE sprints ADD CHECK (starts_on <= ends_on);
