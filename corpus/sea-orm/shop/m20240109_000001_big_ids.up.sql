ALTER TABLE "review" ALTER COLUMN "customer_id" TYPE bigint;
ALTER TABLE "order" ALTER COLUMN "customer_id" TYPE bigint;
ALTER TABLE "customer" ALTER COLUMN "id" TYPE bigint;
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20240109_000001_big_ids', 1687500000);
