
-- Catalogs that show what the service shows. A catalog is renamed and a view put in its place: PostgreSQL itself goes by
-- numbers. The views have `tableoid`, which pg_dump asks for.

-- The one index method is called btree_index.
ALTER TABLE pg_catalog.pg_am RENAME TO dsql_local_am;
REVOKE SELECT ON pg_catalog.dsql_local_am FROM PUBLIC;
CREATE VIEW pg_catalog.pg_am AS
  SELECT oid, CASE oid WHEN 403 THEN 'btree_index'::name ELSE amname END AS amname, amhandler, amtype, tableoid
  FROM pg_catalog.dsql_local_am WHERE amtype <> 'i' OR oid = 403;
GRANT SELECT ON pg_catalog.pg_am TO PUBLIC;

-- A primary key is the table: its index includes all other columns.
CREATE FUNCTION pg_catalog.dsql_local_indexdef(index_id oid, definition text) RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT regexp_replace($2,
      '^(CREATE (?:UNIQUE )?INDEX (?:"(?:[^"]|"")*"|[^ "]+) ON (?:ONLY )?(?:"(?:[^"]|"")*"|[^ ".]+)(?:\.(?:"(?:[^"]|"")*"|[^ "]+))?) USING btree ',
      '\1 USING btree_index ')
    || coalesce((
      SELECT ' INCLUDE (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')'
      FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
      WHERE i.indexrelid = $1 AND i.indisprimary AND a.attnum > 0 AND NOT a.attisdropped AND a.attnum <> ALL (i.indkey)
    ), '')
$$;
ALTER FUNCTION pg_catalog.pg_get_indexdef(oid) RENAME TO dsql_local_get_indexdef;
CREATE FUNCTION pg_catalog.pg_get_indexdef(oid) RETURNS text LANGUAGE sql STABLE STRICT AS $$
  SELECT pg_catalog.dsql_local_indexdef($1, pg_catalog.dsql_local_get_indexdef($1))
$$;
ALTER FUNCTION pg_catalog.pg_get_indexdef(oid, integer, boolean) RENAME TO dsql_local_get_indexdef;
CREATE FUNCTION pg_catalog.pg_get_indexdef(oid, integer, boolean) RETURNS text LANGUAGE sql STABLE STRICT AS $$
  SELECT CASE $2
    WHEN 0 THEN pg_catalog.dsql_local_indexdef($1, pg_catalog.dsql_local_get_indexdef($1, 0, $3))
    ELSE pg_catalog.dsql_local_get_indexdef($1, $2, $3)
  END
$$;
CREATE OR REPLACE VIEW pg_catalog.pg_indexes AS
  SELECT n.nspname AS schemaname, c.relname AS tablename, i.relname AS indexname, t.spcname AS tablespace,
    pg_catalog.pg_get_indexdef(i.oid) AS indexdef
  FROM pg_catalog.pg_index x
  JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
  JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_tablespace t ON t.oid = i.reltablespace
  WHERE c.relkind IN ('r', 'm', 'p') AND i.relkind IN ('i', 'I');

-- There are no triggers of events.
ALTER TABLE pg_catalog.pg_event_trigger RENAME TO dsql_local_event_trigger;
REVOKE SELECT ON pg_catalog.dsql_local_event_trigger FROM PUBLIC;
CREATE VIEW pg_catalog.pg_event_trigger AS
  SELECT oid, evtname, evtevent, evtowner, evtfoid, evtenabled, evttags, tableoid
  FROM pg_catalog.dsql_local_event_trigger WHERE evtname <> 'dsql_local_dropped';
GRANT SELECT ON pg_catalog.pg_event_trigger TO PUBLIC;

-- There are no extensions and there is no PL/pgSQL but for what is above.
DELETE FROM pg_catalog.pg_depend WHERE refclassid = 'pg_catalog.pg_extension'::regclass;
DELETE FROM pg_catalog.pg_extension;
ALTER LANGUAGE plpgsql RENAME TO dsql_local_plpgsql;
ALTER TABLE pg_catalog.pg_language RENAME TO dsql_local_language;
REVOKE SELECT ON pg_catalog.dsql_local_language FROM PUBLIC;
CREATE VIEW pg_catalog.pg_language AS
  SELECT oid, lanname, lanowner, lanispl, lanpltrusted, lanplcallfoid, laninline, lanvalidator, lanacl, tableoid
  FROM pg_catalog.dsql_local_language WHERE lanname <> 'dsql_local_plpgsql';
GRANT SELECT ON pg_catalog.pg_language TO PUBLIC;
