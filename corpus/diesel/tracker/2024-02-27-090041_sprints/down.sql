ALTER TABLE issues DROP COLUMN sprint_id;
DROP TABLE sprints;
