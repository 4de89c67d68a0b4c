DROP TABLE IF EXISTS "cake";
DROP TABLE IF EXISTS "bakery";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20220415_000001_create_cake';
