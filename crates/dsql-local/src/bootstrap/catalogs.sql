
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

-- Clients go by the version that the cluster says, 16, and two catalogs have other columns in other versions. What is
-- read at every start, as pg_database is, keeps the names of its columns: so here, too, a view stands in the place.
DO $$
DECLARE
  major int := pg_catalog.dsql_local_setting('server_version_num')::int / 10000;
  locale text := CASE WHEN major > 16 THEN 'locale' ELSE 'iculocale' END;
  -- Reads pg_database with the rights of whoever asks for the columns of a table.
  length_of_char text := pg_get_functiondef('information_schema._pg_char_octet_length(oid, integer)'::regprocedure);
BEGIN
  IF major = 16 THEN
    RETURN;
  END IF;
  ALTER TABLE pg_catalog.pg_database RENAME TO dsql_local_database;
  REVOKE SELECT ON pg_catalog.dsql_local_database FROM PUBLIC;
  EXECUTE format('CREATE VIEW pg_catalog.pg_database AS
    SELECT oid, datname, datdba, encoding, datlocprovider, datistemplate, datallowconn, datconnlimit, datfrozenxid,
      datminmxid, dattablespace, datcollate, datctype, dat%s AS daticulocale, %s AS daticurules, datcollversion, datacl,
      tableoid
    FROM pg_catalog.dsql_local_database', locale, CASE WHEN major < 16 THEN 'NULL::text' ELSE 'daticurules' END);
  GRANT SELECT ON pg_catalog.pg_database TO PUBLIC;
  EXECUTE length_of_char;
  ALTER TABLE pg_catalog.pg_collation RENAME TO dsql_local_collation;
  REVOKE SELECT ON pg_catalog.dsql_local_collation FROM PUBLIC;
  EXECUTE format('CREATE VIEW pg_catalog.pg_collation AS
    SELECT oid, collname, collnamespace, collowner, collprovider, collisdeterministic, collencoding, collcollate,
      collctype, coll%s AS colliculocale, %s AS collicurules, collversion, tableoid
    FROM pg_catalog.dsql_local_collation', locale, CASE WHEN major < 16 THEN 'NULL::text' ELSE 'collicurules' END);
  GRANT SELECT ON pg_catalog.pg_collation TO PUBLIC;
END
$$;

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
