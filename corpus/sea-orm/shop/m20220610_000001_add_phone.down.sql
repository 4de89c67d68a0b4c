ALTER TABLE "customer" DROP COLUMN "loyalty_points";
ALTER TABLE "customer" DROP COLUMN "language";
ALTER TABLE "customer" DROP COLUMN "phone";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20220610_000001_add_phone';
