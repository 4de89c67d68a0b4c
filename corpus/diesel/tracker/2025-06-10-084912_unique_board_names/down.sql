ALTER TABLE boards DROP CONSTRAINT boards_project_name;
