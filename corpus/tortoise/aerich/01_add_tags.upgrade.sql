CREATE TABLE IF NOT EXISTS "tag" (
    "id" SMALLSERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(30) NOT NULL UNIQUE
);
        ALTER TABLE "reading" ADD "quality" SMALLINT NOT NULL DEFAULT 0;
        ALTER TABLE "reading" ADD "payload" JSONB;
        CREATE TABLE "sensor_tag" (
    "tag_id" SMALLINT NOT NULL REFERENCES "tag" ("id") ON DELETE CASCADE,
    "sensor_id" UUID NOT NULL REFERENCES "sensor" ("id") ON DELETE CASCADE
);
