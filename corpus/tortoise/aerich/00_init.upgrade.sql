CREATE TABLE IF NOT EXISTS "account" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "email" VARCHAR(200) NOT NULL UNIQUE,
    "name" VARCHAR(80) NOT NULL,
    "created" TIMESTAMPTZ NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_account_name_d49e11" ON "account" ("name");
COMMENT ON TABLE "account" IS 'Who may log in';
CREATE TABLE IF NOT EXISTS "sensor" (
    "id" UUID NOT NULL PRIMARY KEY,
    "kind" VARCHAR(20) NOT NULL,
    "place" VARCHAR(60),
    "level" SMALLINT NOT NULL,
    "status" VARCHAR(7) NOT NULL,
    "owner_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_sensor_owner_i_397827" UNIQUE ("owner_id", "kind")
);
COMMENT ON COLUMN "sensor"."level" IS 'low: 1
high: 2';
COMMENT ON COLUMN "sensor"."status" IS 'what it does';
CREATE TABLE IF NOT EXISTS "reading" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "value" DOUBLE PRECISION NOT NULL,
    "sensor_id" UUID NOT NULL REFERENCES "sensor" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_reading_sensor__59ee82" ON "reading" ("sensor_id", "at");
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);
