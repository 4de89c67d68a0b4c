CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX "idx-cake-name-trgm" ON cake USING gin (name gin_trgm_ops);
CREATE MATERIALIZED VIEW best_cakes AS SELECT cake_id, avg(stars) AS stars FROM review GROUP BY cake_id HAVING count(*) > 10;
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20250507_000001_cake_search', 1700000000);
