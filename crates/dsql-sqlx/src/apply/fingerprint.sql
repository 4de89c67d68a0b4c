-- One text that is another one after any DDL statement that cannot simply be run again: of the objects that the statement
-- names, in the schemas of the search path or that it names, what is there, by its oid, under which name and where.
--
-- Left out on purpose is what may be said twice with the same outcome (defaults, comments, grants, owners), what goes on
-- by itself (validity, statistics), and whatever the statement does not name, which is for others to change meanwhile.
WITH statement AS MATERIALIZED (
  SELECT lower($statement) AS text
), schema AS MATERIALIZED (
  SELECT n.oid, n.nspname, position(replace(lower(n.nspname::text), '"', '""') IN s.text) > 0 AS is_named
  FROM pg_catalog.pg_namespace n, statement s
  WHERE n.nspname NOT IN ('information_schema', 'sys') AND n.nspname NOT LIKE 'pg\_%'
    AND (n.nspname = ANY (current_schemas(false)) OR position(replace(lower(n.nspname::text), '"', '""') IN s.text) > 0)
), relation AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relnamespace, c.relkind
  FROM statement s, pg_catalog.pg_class c JOIN schema n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
    LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
  WHERE position(replace(lower(coalesce(t.relname, c.relname)::text), '"', '""') IN s.text) > 0
    OR position(replace(lower(c.relname::text), '"', '""') IN s.text) > 0
), type AS MATERIALIZED (
  SELECT t.oid, t.typname, t.typnamespace
  FROM statement s, pg_catalog.pg_type t JOIN schema n ON n.oid = t.typnamespace
  WHERE t.typtype = 'd' AND position(replace(lower(t.typname::text), '"', '""') IN s.text) > 0
)
SELECT md5(coalesce(string_agg(line, ',' ORDER BY line), '')) FROM (
  SELECT concat_ws(' ', 'schema', oid, nspname) AS line FROM schema WHERE is_named
  UNION ALL
  SELECT concat_ws(' ', 'relation', oid, relnamespace, relkind, relname) FROM relation
  UNION ALL
  SELECT concat_ws(' ', 'column', a.attrelid, a.attnum, a.attname, a.attidentity, a.attgenerated)
  FROM pg_catalog.pg_attribute a JOIN relation r ON r.oid = a.attrelid
  WHERE a.attnum > 0 AND r.relkind IN ('r', 'v')
  UNION ALL
  SELECT concat_ws(' ', 'constraint', c.oid, c.conrelid, c.contypid, c.conname)
  FROM pg_catalog.pg_constraint c
  WHERE c.conrelid IN (SELECT oid FROM relation) OR c.contypid IN (SELECT oid FROM type)
  UNION ALL
  SELECT concat_ws(' ', 'type', oid, typnamespace, typname) FROM type
  UNION ALL
  SELECT concat_ws(' ', 'function', p.oid, p.pronamespace, p.proname)
  FROM statement s, pg_catalog.pg_proc p JOIN schema n ON n.oid = p.pronamespace
  WHERE position(replace(lower(p.proname::text), '"', '""') IN s.text) > 0
  UNION ALL
  SELECT concat_ws(' ', 'statistics', e.oid, e.stxnamespace, e.stxname)
  FROM statement s, pg_catalog.pg_statistic_ext e JOIN schema n ON n.oid = e.stxnamespace
  WHERE position(replace(lower(e.stxname::text), '"', '""') IN s.text) > 0
  UNION ALL
  SELECT concat_ws(' ', 'role', r.oid, r.rolname)
  FROM statement s, pg_catalog.pg_roles r
  WHERE position(replace(lower(r.rolname::text), '"', '""') IN s.text) > 0
) AS lines
