DROP TABLE IF EXISTS "session";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20240918_000001_truncate_sessions';
