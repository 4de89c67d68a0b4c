-- One text that is another one after any DDL statement that cannot simply be run again: what is there, by its oid, under
-- which name and where. Left out on purpose is what may be said twice with the same outcome (defaults, comments, grants,
-- owners), what goes on by itself (validity, statistics), and what PostgreSQL keeps to itself.
WITH schema AS MATERIALIZED (
  SELECT oid, nspname FROM pg_catalog.pg_namespace
  WHERE nspname NOT IN ('information_schema', 'sys') AND nspname NOT LIKE 'pg\_%'
), relation AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relnamespace, c.relkind
  FROM pg_catalog.pg_class c JOIN schema s ON s.oid = c.relnamespace
)
SELECT pg_catalog.md5(pg_catalog.string_agg(line, ',' ORDER BY line)) FROM (
  SELECT 'schema ' || oid || ' ' || nspname AS line FROM schema
  UNION ALL
  SELECT 'relation ' || oid || ' ' || relnamespace || ' ' || relkind || ' ' || relname FROM relation
  UNION ALL
  SELECT 'columns ' || a.attrelid || ' ' || pg_catalog.string_agg(
    a.attnum || ' ' || a.attname || ' ' || a.attidentity || a.attgenerated, ',' ORDER BY a.attnum)
  FROM pg_catalog.pg_attribute a JOIN relation r ON r.oid = a.attrelid
  WHERE a.attnum > 0 AND r.relkind IN ('r', 'v', 'p') GROUP BY a.attrelid
  UNION ALL
  SELECT 'constraint ' || c.oid || ' ' || c.conrelid || ' ' || c.contypid || ' ' || c.conname
  FROM pg_catalog.pg_constraint c JOIN schema s ON s.oid = c.connamespace
  UNION ALL
  SELECT 'type ' || t.oid || ' ' || t.typnamespace || ' ' || t.typname
  FROM pg_catalog.pg_type t JOIN schema s ON s.oid = t.typnamespace WHERE t.typtype = 'd'
  UNION ALL
  SELECT 'function ' || p.oid || ' ' || p.pronamespace || ' ' || p.proname
  FROM pg_catalog.pg_proc p JOIN schema s ON s.oid = p.pronamespace
  UNION ALL
  SELECT 'statistics ' || e.oid || ' ' || e.stxnamespace || ' ' || e.stxname
  FROM pg_catalog.pg_statistic_ext e JOIN schema s ON s.oid = e.stxnamespace
  UNION ALL
  SELECT 'role ' || oid || ' ' || rolname FROM pg_catalog.pg_roles
) AS lines
