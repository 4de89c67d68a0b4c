CREATE TABLE IF NOT EXISTS "alarm" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "threshold" DECIMAL(12,4) NOT NULL,
    "days" JSONB NOT NULL,
    "silent_until" BIGINT,
    "picture" BYTEA,
    "acknowledged_by_id" INT REFERENCES "account" ("id") ON DELETE SET NULL,
    "sensor_id" UUID NOT NULL REFERENCES "sensor" ("id") ON DELETE RESTRICT
);
        ALTER TABLE "account" ADD "phone" VARCHAR(32) UNIQUE;
        ALTER TABLE "account" ADD "timezone" VARCHAR(40) NOT NULL DEFAULT 'UTC';
        ALTER TABLE "account" ADD "active" BOOL NOT NULL DEFAULT True;
