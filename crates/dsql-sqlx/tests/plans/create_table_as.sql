Tables made by queries.
--- setup
CREATE TABLE pet (id bigint PRIMARY KEY, name text, born date);
INSERT INTO pet SELECT n, 'pet ' || n % 7, '2020-01-01'::date + n::int FROM generate_series(1, 2600) n;
--- script
CREATE TABLE old AS SELECT id, name, ARRAY[id, 1] AS ids, born FROM pet WHERE born < '2026-01-01';
CREATE TABLE IF NOT EXISTS old AS SELECT 1 AS nothing;
CREATE TABLE shape (a, b) AS SELECT id, name FROM pet WITH NO DATA;
SELECT name, count(*) AS pets INTO names FROM pet GROUP BY name;
--- check
SELECT count(*), count(DISTINCT id), sum(id), max(ids::text) FROM old;
= 2191|2191|2401336|[999, 1]
SELECT count(*) FROM shape;
= 0
SELECT count(*), sum(pets) FROM names;
= 7|2600
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'shape'::regclass AND attnum > 0 ORDER BY attnum;
= a|bigint
= b|text
SELECT count(*) FROM pg_views WHERE schemaname = current_schema() AND viewname LIKE '%dsql%';
= 0
