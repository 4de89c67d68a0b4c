ALTER TABLE projects DROP COLUMN team_id;
DROP TABLE team_members;
DROP TYPE team_role;
DROP TABLE teams;
