-- Run once in a new data directory, as superuser, by `postgres --single`. What the service has not is made in
-- pg_catalog, where neither psql nor an ORM lists it, and is called dsql_local_….

SET allow_system_table_mods = on;

-- The role that clients connect as. It owns the database and its public schema, and is no superuser.
CREATE ROLE admin LOGIN CREATEROLE;
ALTER DATABASE postgres OWNER TO admin;
ALTER SCHEMA public OWNER TO admin;

-- A parameter that PostgreSQL has not; one without a dot in its name cannot be made.
ALTER DATABASE postgres SET dsql.disable_sync_create_index = on;

-- What the service says of itself.
ALTER FUNCTION pg_catalog.version() RENAME TO dsql_local_version;
CREATE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'PostgreSQL 16'::text $$;
ALTER FUNCTION pg_catalog.current_setting(text) RENAME TO dsql_local_setting;
CREATE FUNCTION pg_catalog.current_setting(text) RETURNS text LANGUAGE sql STABLE STRICT AS $$
  SELECT CASE lower($1)
    WHEN 'server_version' THEN '16.15'
    WHEN 'server_version_num' THEN '160015'
    WHEN 'disable_sync_create_index' THEN pg_catalog.dsql_local_setting('dsql.disable_sync_create_index')
    ELSE pg_catalog.dsql_local_setting($1)
  END
$$;

-- Its own schema.
CREATE SCHEMA sys;
GRANT USAGE ON SCHEMA sys TO PUBLIC;

CREATE FUNCTION sys.dsql_major_version() RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 1 $$;

CREATE FUNCTION sys.uuid_to_base32_str(uuid) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT string_agg(substr('abcdefghijklmnopqrstuvwxyz234567', substring(bits.id FROM digit * 5 + 1 FOR 5)::bit(5)::int + 1, 1), '' ORDER BY digit)
  FROM (SELECT ('x' || replace($1::text, '-', ''))::bit(128) || B'00' AS id) bits, generate_series(0, 25) digit
$$;

CREATE FUNCTION sys.base32_str_to_uuid(text) RETURNS uuid LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF $1 !~ '^[a-z2-7]{25}[aeimquy4]$' THEN
    RAISE EXCEPTION USING ERRCODE = '22P02', MESSAGE = 'Unable to convert text to UUID';
  END IF;
  RETURN (SELECT string_agg(to_hex(substring(bits.id FROM byte * 4 + 1 FOR 4)::bit(4)::int), '' ORDER BY byte)::uuid
    FROM (SELECT string_agg((strpos('abcdefghijklmnopqrstuvwxyz234567', substr($1, digit, 1)) - 1)::bit(5)::text, '' ORDER BY digit)::varbit AS id
          FROM generate_series(1, 26) digit) bits, generate_series(0, 31) byte);
END
$$;

-- Jobs: the table behind sys.jobs, and what a statement that starts one becomes.
CREATE TABLE pg_catalog.dsql_local_job (
  job_id text PRIMARY KEY,
  status text NOT NULL DEFAULT 'submitted',
  details text,
  job_type text NOT NULL,
  class_id oid NOT NULL DEFAULT 1259,
  object_id oid,
  object_name text,
  start_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  update_time timestamptz,
  statement text NOT NULL,
  index_id oid,
  index_name text,
  search_path text NOT NULL DEFAULT pg_catalog.dsql_local_setting('search_path')
);

CREATE VIEW sys.jobs AS
  SELECT job_id, status, details, job_type, class_id, object_id, object_name, start_time, update_time
  FROM pg_catalog.dsql_local_job;
GRANT SELECT ON sys.jobs TO PUBLIC;

-- A transaction starts one job at most. That is named after the transaction, so that a replay names it the same.
CREATE FUNCTION pg_catalog.dsql_local_submit(job_type text, statement text, object_name text, index_id oid DEFAULT NULL) RETURNS text
  LANGUAGE sql VOLATILE SECURITY DEFINER AS $$
  INSERT INTO pg_catalog.dsql_local_job (job_id, job_type, statement, object_id, index_id, index_name, search_path)
  VALUES (sys.uuid_to_base32_str(md5(pg_current_xact_id()::text || pg_postmaster_start_time()::text)::uuid), $1, $2, to_regclass($3)::oid, $4,
    (SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $4),
    pg_catalog.dsql_local_setting('search_path'))
  RETURNING job_id
$$;

-- CREATE INDEX ASYNC: the index is there at once and invalid, as a failed CREATE INDEX CONCURRENTLY leaves one, and is
-- not kept up. The job makes it valid by REINDEX. It is made without UNIQUE, which is for the job to find out about.
CREATE FUNCTION pg_catalog.dsql_local_leave_unfinished(index_id oid, is_unique boolean) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER AS $$
  UPDATE pg_catalog.pg_index SET indisvalid = false, indisready = false, indisunique = $2 WHERE indexrelid = $1
$$;

CREATE FUNCTION pg_catalog.dsql_local_submit_index(statement text, is_unique boolean, table_name text) RETURNS text
  LANGUAGE plpgsql AS $$
DECLARE
  before oid[] := ARRAY(SELECT indexrelid FROM pg_catalog.pg_index WHERE indrelid = to_regclass(table_name));
  made oid;
  said text;
  unfit text;
BEGIN
  BEGIN
    EXECUTE statement;
  EXCEPTION WHEN undefined_object THEN
    GET STACKED DIAGNOSTICS said = MESSAGE_TEXT;
    IF said NOT LIKE 'data type json has no default operator class%' THEN
      RAISE;
    END IF;
    unfit := 'json';
  END;
  SELECT indexrelid INTO made FROM pg_catalog.pg_index
    WHERE indrelid = to_regclass(table_name) AND indexrelid <> ALL (before);
  unfit := coalesce(unfit, pg_catalog.dsql_local_unfit_key(made));
  IF unfit IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = format('datatype %s is not supported in a key', unfit);
  END IF;
  IF made IS NOT NULL THEN
    PERFORM pg_catalog.dsql_local_leave_unfinished(made, is_unique);
  END IF;
  RETURN pg_catalog.dsql_local_submit('INDEX_BUILD', statement, table_name, made);
END
$$;

CREATE FUNCTION pg_catalog.dsql_local_succeeded(job_id text) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER AS $$
  SELECT coalesce((SELECT job.status = 'completed' FROM pg_catalog.dsql_local_job job WHERE job.job_id = $1), false)
$$;

-- A table that is dropped leaves a job, which has nothing to do here.
CREATE FUNCTION pg_catalog.dsql_local_dropped() RETURNS event_trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO dsql_local_job (job_id, job_type, statement, object_id)
    SELECT sys.uuid_to_base32_str(md5(pg_current_xact_id()::text || pg_postmaster_start_time()::text || objid)::uuid),
      'DROP', '', objid
    FROM pg_event_trigger_dropped_objects() WHERE object_type = 'table' AND NOT is_temporary;
END
$$;
CREATE EVENT TRIGGER dsql_local_dropped ON sql_drop WHEN TAG IN ('DROP TABLE')
  EXECUTE FUNCTION pg_catalog.dsql_local_dropped();

-- A conflict that is certain: the transaction that lost goes on among copies of the tables it writes, which hold what
-- its snapshot shows. Temporary tables come first on every search path, and go with the transaction.
CREATE FUNCTION pg_catalog.dsql_local_shadow(name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  original oid := to_regclass(name);
  source text;
  copy text;
  columns text;
  identity record;
BEGIN
  SELECT format('%I.%I', n.nspname, c.relname), format('pg_temp.%I', c.relname) INTO source, copy
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = original AND c.relpersistence <> 't' AND c.relkind = 'r';
  IF source IS NULL THEN
    RETURN;
  END IF;
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
    FROM pg_attribute WHERE attrelid = original AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
  EXECUTE format('CREATE TEMPORARY TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS INCLUDING INDEXES) ON COMMIT DROP',
                 substr(copy, 9), source);
  EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM %s', copy, columns, columns, source);
  FOR identity IN SELECT attname FROM pg_attribute WHERE attrelid = original AND attidentity <> '' LOOP
    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT nextval(%L)',
                   copy, identity.attname, pg_get_serial_sequence(source, identity.attname));
  END LOOP;
END
$$;

-- What the transaction has written so far and is still there: bytes in all (rows as they are stored, and the entries of
-- secondary indexes), bytes of the longest row, and the type of a value longer than may be. Rows of one's own are those
-- that are visible though their transaction began after the snapshot; only tables that were written are looked at, and
-- of these only such as keep so many bytes out of line, where PostgreSQL puts what is long.
CREATE FUNCTION pg_catalog.dsql_local_written(value_limit bigint, out_of_line bigint) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  began bigint := (pg_snapshot_xmax(pg_current_snapshot())::text::numeric % 4294967296)::bigint;
  written record;
  entries text;
  oversize text;
  bytes bigint;
  longest bigint;
  found text;
  all_bytes bigint := 0;
  all_longest bigint := 0;
  all_found text := '';
BEGIN
  FOR written IN
    SELECT c.oid, c.oid::regclass::text AS name FROM pg_class c
    WHERE c.oid >= 16384 AND c.relkind = 'r'
      AND pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid) > 0
      AND coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) >= out_of_line
  LOOP
    SELECT string_agg(' + pg_column_size(ROW(' || keys || '))', '') INTO entries FROM (
      SELECT string_agg(pg_get_indexdef(i.indexrelid, n, false), ', ' ORDER BY n) AS keys
      FROM pg_index i, generate_series(1, i.indnatts) n
      WHERE i.indrelid = written.oid AND NOT i.indisprimary GROUP BY i.indexrelid) secondary;
    SELECT string_agg(format('CASE WHEN pg_column_size(t.%I) > %s THEN %L END', a.attname, value_limit,
                             format_type(a.atttypid, NULL)), ', ' ORDER BY a.attnum) INTO oversize
      FROM pg_attribute a
      WHERE a.attrelid = written.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attlen = -1;
    EXECUTE format('SELECT coalesce(sum(pg_column_size(t.*)%s), 0), coalesce(max(pg_column_size(t.*)), 0), max(%s) '
                   'FROM %s t WHERE ((t.xmin::text::bigint - %s) & 4294967295) < 2147483648',
                   entries, coalesce('coalesce(' || oversize || ')', 'NULL'), written.name, began)
      INTO bytes, longest, found;
    all_bytes := all_bytes + bytes;
    all_longest := greatest(all_longest, longest);
    all_found := coalesce(nullif(all_found, ''), found, '');
  END LOOP;
  RETURN format('%s %s %s', all_bytes, all_longest, all_found);
END
$$;
