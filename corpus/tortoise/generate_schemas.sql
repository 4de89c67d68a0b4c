CREATE TABLE IF NOT EXISTS "account" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "email" VARCHAR(200) NOT NULL UNIQUE,
    "name" VARCHAR(80) NOT NULL,
    "phone" VARCHAR(32) UNIQUE,
    "timezone" VARCHAR(40) NOT NULL,
    "active" BOOL NOT NULL,
    "created" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "account" IS 'Who may log in';
CREATE TABLE IF NOT EXISTS "sensor" (
    "id" UUID NOT NULL PRIMARY KEY,
    "model_name" VARCHAR(20) NOT NULL,
    "place" VARCHAR(120) NOT NULL,
    "level" SMALLINT NOT NULL,
    "status" VARCHAR(7) NOT NULL,
    "owner_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_sensor_owner_i_c80679" UNIQUE ("owner_id", "model_name")
);
COMMENT ON COLUMN "sensor"."level" IS 'low: 1\nhigh: 2';
COMMENT ON COLUMN "sensor"."status" IS 'what it does';
CREATE TABLE IF NOT EXISTS "alarm" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "threshold" DECIMAL(12,4) NOT NULL,
    "days" JSONB NOT NULL,
    "silent_until" BIGINT,
    "picture" BYTEA,
    "note" TEXT NOT NULL,
    "acknowledged_at" TIMESTAMPTZ,
    "sensor_id" UUID NOT NULL REFERENCES "sensor" ("id") ON DELETE RESTRICT
);
CREATE TABLE IF NOT EXISTS "calibration" (
    "on" DATE NOT NULL,
    "offset" DOUBLE PRECISION NOT NULL,
    "sensor_id" UUID NOT NULL PRIMARY KEY REFERENCES "sensor" ("id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "reading" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "value" DECIMAL(12,4) NOT NULL,
    "quality" INT NOT NULL,
    "sensor_id" UUID NOT NULL REFERENCES "sensor" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_reading_quality_0e395c" ON "reading" ("quality");
CREATE INDEX IF NOT EXISTS "idx_reading_sensor__59ee82" ON "reading" ("sensor_id", "at");
CREATE TABLE IF NOT EXISTS "tag" (
    "id" SMALLSERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(30) NOT NULL
);
CREATE TABLE IF NOT EXISTS "sensor_tag" (
    "tag_id" SMALLINT NOT NULL REFERENCES "tag" ("id") ON DELETE CASCADE,
    "sensor_id" UUID NOT NULL REFERENCES "sensor" ("id") ON DELETE CASCADE
);
CREATE UNIQUE INDEX IF NOT EXISTS "uidx_sensor_tag_tag_id_3dd338" ON "sensor_tag" ("tag_id", "sensor_id");
