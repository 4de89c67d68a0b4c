ALTER TABLE comments DROP COLUMN parent_id;
