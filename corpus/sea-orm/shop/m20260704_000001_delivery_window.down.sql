ALTER TABLE "delivery" DROP COLUMN "until_at";
ALTER TABLE "delivery" DROP COLUMN "from_at";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20260704_000001_delivery_window';
