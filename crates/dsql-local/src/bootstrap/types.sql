
-- What the service makes of the types of columns.

-- A numeric column without a precision is numeric(18,6). Called behind DDL that may have made one.
CREATE FUNCTION pg_catalog.dsql_local_default_numerics() RETURNS text
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
  UPDATE pg_attribute a SET atttypmod = (18 << 16) + 6 + 4
    FROM pg_class c
    WHERE c.oid = a.attrelid AND c.oid >= 16384 AND c.relkind = 'r' AND c.relpersistence = 'p'
      AND a.atttypid = 'numeric'::regtype AND a.atttypmod = -1 AND a.attnum > 0 AND NOT a.attisdropped;
  SELECT NULL::text;
$$;

-- The type of a key of an index that cannot be in one. Those in whose words the service refuses them are recorded.
CREATE FUNCTION pg_catalog.dsql_local_unfit_key(index_id oid) RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT format_type(a.atttypid, NULL) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indexrelid
  WHERE i.indexrelid = $1 AND a.attnum <= i.indnkeyatts
    AND a.atttypid IN ('bytea'::regtype, 'interval'::regtype, 'json'::regtype, 'jsonb'::regtype)
  ORDER BY a.attnum LIMIT 1
$$;
