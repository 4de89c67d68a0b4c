DROP TABLE IF EXISTS "calibration";
CREATE UNIQUE INDEX IF NOT EXISTS "uid_tag_name_a7b9a6" ON "tag" ("name");
