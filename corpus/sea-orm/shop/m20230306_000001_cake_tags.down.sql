ALTER TABLE "cake" DROP COLUMN "allergens";
ALTER TABLE "cake" DROP COLUMN "tags";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20230306_000001_cake_tags';
