ALTER TABLE issues DROP COLUMN priority;
DROP TYPE issue_priority;
