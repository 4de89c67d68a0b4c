DROP MATERIALIZED VIEW best_cakes;
DROP INDEX "idx-cake-name-trgm";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20250507_000001_cake_search';
