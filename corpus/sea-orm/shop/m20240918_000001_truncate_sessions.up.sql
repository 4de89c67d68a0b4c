CREATE TABLE IF NOT EXISTS "session" ( "token" bytea NOT NULL PRIMARY KEY, "customer_id" bigint NOT NULL, "expires_at" timestamp with time zone NOT NULL );
TRUNCATE TABLE "session";
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20240918_000001_truncate_sessions', 1695000000);
