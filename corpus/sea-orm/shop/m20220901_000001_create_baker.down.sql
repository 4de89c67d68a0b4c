DROP TABLE IF EXISTS "cakes_bakers";
DROP TABLE IF EXISTS "baker";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20220901_000001_create_baker';
