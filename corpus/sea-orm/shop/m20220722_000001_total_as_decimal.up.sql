ALTER TABLE "order" ALTER COLUMN "total" TYPE decimal(12, 2) USING total::numeric;
ALTER TABLE "cake" ALTER COLUMN "name" TYPE varchar(200), ALTER COLUMN "name" SET NOT NULL;
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20220722_000001_total_as_decimal', 1662500000);
