DROP TABLE IF EXISTS "review";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20230615_000001_review';
