DROP TABLE IF EXISTS "order_line";
DROP TABLE IF EXISTS "order";
DROP TYPE "order_status";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20220502_000001_create_order';
