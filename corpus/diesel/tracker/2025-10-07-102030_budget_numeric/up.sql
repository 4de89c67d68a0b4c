ALTER TABLE projects ALTER COLUMN budget TYPE NUMERIC(12, 2) USING budget::numeric;
ALTER TABLE projects ALTER COLUMN budget SET DEFAULT 0;
UPDATE projects SET budget = 0 WHERE budget IS NULL;
ALTER TABLE projects ALTER COLUMN budget SET NOT NULL;
