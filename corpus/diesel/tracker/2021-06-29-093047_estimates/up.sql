ALTER TABLE issues ADD COLUMN estimate SMALLINT CHECK (estimate BETWEEN 0 AND 100);
ALTER TABLE issues ADD COLUMN spent INTERVAL NOT NULL DEFAULT '0';
COMMENT ON COLUMN issues.estimate IS 'in points, not hours';
