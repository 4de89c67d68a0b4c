DROP TABLE IF EXISTS "customer";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20220401_000001_create_customer';
