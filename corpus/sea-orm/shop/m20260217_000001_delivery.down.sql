DROP TABLE IF EXISTS "delivery";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20260217_000001_delivery';
