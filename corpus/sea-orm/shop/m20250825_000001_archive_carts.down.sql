DROP TABLE IF EXISTS "archived_order";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20250825_000001_archive_carts';
