ALTER TABLE "tag" DROP CONSTRAINT IF EXISTS "tag_name_key";
        DROP INDEX IF EXISTS "uid_tag_name_a7b9a6";
        CREATE TABLE IF NOT EXISTS "calibration" (
    "on" DATE NOT NULL,
    "offset" DOUBLE PRECISION NOT NULL,
    "sensor_id" UUID NOT NULL PRIMARY KEY REFERENCES "sensor" ("id") ON DELETE CASCADE
);
