ALTER TABLE "customer" ALTER COLUMN "id" TYPE integer;
ALTER TABLE "order" ALTER COLUMN "customer_id" TYPE integer;
ALTER TABLE "review" ALTER COLUMN "customer_id" TYPE integer;
DELETE FROM "seaql_migrations" WHERE "version" = 'm20240109_000001_big_ids';
