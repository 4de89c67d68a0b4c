-- All there is to know of a table that is to be built anew.
SELECT COALESCE((SELECT pg_catalog.json_build_object(
  'schema', pg_catalog.quote_ident(n.nspname),
  'name', c.relname,
  'kind', c.relkind,
  'owner', (SELECT pg_catalog.quote_ident(r.rolname) FROM pg_catalog.pg_roles r WHERE r.oid = c.relowner AND r.rolname <> current_user),
  'comment', pg_catalog.obj_description(c.oid, 'pg_class'),
  'columns', COALESCE((
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', a.attname,
      'type_name', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'not_null', a.attnotnull,
      'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid),
      'generated', a.attgenerated <> '',
      'identity', (
        SELECT pg_catalog.json_build_object(
          'always', a.attidentity = 'a',
          'schema', s.schemaname, 'name', s.sequencename,
          'start', s.start_value, 'increment', s.increment_by, 'min', s.min_value, 'max', s.max_value,
          'cache', s.cache_size, 'cycle', s.cycle)
        FROM pg_catalog.pg_depend e
        JOIN pg_catalog.pg_class q ON q.oid = e.objid AND q.relkind = 'S'
        JOIN pg_catalog.pg_namespace m ON m.oid = q.relnamespace
        JOIN pg_catalog.pg_sequences s ON s.schemaname = m.nspname AND s.sequencename = q.relname
        WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
          AND e.refobjid = c.oid AND e.refobjsubid = a.attnum AND e.deptype = 'i' AND a.attidentity <> ''),
      'storage', CASE WHEN a.attstorage <> t.typstorage THEN
        CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END,
      'comment', pg_catalog.col_description(c.oid, a.attnum)
    ) ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
  'constraints', COALESCE((
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', k.conname,
      'kind', k.contype,
      'definition', pg_catalog.pg_get_constraintdef(k.oid),
      'columns', COALESCE((
        SELECT pg_catalog.json_agg(a.attname ORDER BY u.n)
        FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u(attnum, n)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.attnum), '[]'),
      'validated', k.convalidated,
      'own', k.confrelid = c.oid,
      'target_types', COALESCE((
        SELECT pg_catalog.json_agg(pg_catalog.format_type(a.atttypid, NULL) ORDER BY u.n)
        FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u(attnum, n)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum), '[]'),
      'target_columns', COALESCE((
        SELECT pg_catalog.json_agg(a.attname ORDER BY u.n)
        FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u(attnum, n)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum), '[]'),
      'comment', pg_catalog.obj_description(k.oid, 'pg_constraint')
    ) ORDER BY k.conname)
    FROM pg_catalog.pg_constraint k
    WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'c', 'f')), '[]'),
  'indexes', COALESCE((
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', x.relname,
      'definition', pg_catalog.pg_get_indexdef(i.indexrelid),
      'unique', i.indisunique,
      'valid', i.indisvalid,
      'columns', CASE WHEN i.indexprs IS NULL AND i.indpred IS NULL THEN (
        SELECT pg_catalog.json_agg(a.attname ORDER BY u.n)
        FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) AS u(n)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[u.n]) ELSE '[]' END,
      'comment', pg_catalog.obj_description(x.oid, 'pg_class')
    ) ORDER BY x.relname)
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
    WHERE i.indrelid = c.oid AND NOT i.indisprimary AND NOT EXISTS (
      SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))), '[]'),
  'referenced_by', COALESCE((
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', k.conname,
      'table', pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(o.relname),
      'definition', pg_catalog.pg_get_constraintdef(k.oid),
      'columns', (
        SELECT pg_catalog.json_agg(a.attname ORDER BY u.n)
        FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u(attnum, n)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.attnum),
      'types', (
        SELECT pg_catalog.json_agg(pg_catalog.format_type(a.atttypid, NULL) ORDER BY u.n)
        FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u(attnum, n)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum),
      'validated', k.convalidated,
      'comment', pg_catalog.obj_description(k.oid, 'pg_constraint')
    ) ORDER BY o.relname, k.conname)
    FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_class o ON o.oid = k.conrelid
    JOIN pg_catalog.pg_namespace m ON m.oid = o.relnamespace
    WHERE k.contype = 'f' AND k.confrelid = c.oid AND k.conrelid <> c.oid), '[]'),
  'views', COALESCE((
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(v.relname),
      'definition', pg_catalog.pg_get_viewdef(v.oid),
      'options', pg_catalog.array_to_string(v.reloptions, ', '),
      'columns', COALESCE((
        SELECT pg_catalog.json_agg(DISTINCT a.attname)
        FROM pg_catalog.pg_rewrite r
        JOIN pg_catalog.pg_depend e ON e.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND e.objid = r.oid
          AND e.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.refobjid = c.oid
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = e.refobjsubid
        WHERE r.ev_class = v.oid), '[]'),
      'needs_key', EXISTS (
        SELECT 1 FROM pg_catalog.pg_rewrite r
        JOIN pg_catalog.pg_depend e ON e.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND e.objid = r.oid
          AND e.refclassid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
        JOIN pg_catalog.pg_constraint k ON k.oid = e.refobjid AND k.conrelid = c.oid
        WHERE r.ev_class = v.oid)
    ) ORDER BY v.oid)
    FROM pg_catalog.pg_class v
    JOIN pg_catalog.pg_namespace m ON m.oid = v.relnamespace
    WHERE v.relkind = 'v' AND v.oid IN (
      SELECT r.ev_class FROM pg_catalog.pg_rewrite r
      JOIN pg_catalog.pg_depend e ON e.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND e.objid = r.oid
        AND e.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.refobjid = c.oid)), '[]'),
  'dependents', COALESCE((
    SELECT pg_catalog.json_agg(DISTINCT pg_catalog.pg_describe_object(e.classid, e.objid, e.objsubid))
    FROM pg_catalog.pg_depend e
    WHERE e.deptype = 'n' AND (
      e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
        AND e.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.refobjid = c.oid
      OR e.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND e.refobjid = c.reltype)), '[]'),
  'sequences', COALESCE((
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(q.relname),
      'column', a.attname
    ) ORDER BY q.relname)
    FROM pg_catalog.pg_depend e
    JOIN pg_catalog.pg_class q ON q.oid = e.objid AND q.relkind = 'S'
    JOIN pg_catalog.pg_namespace m ON m.oid = q.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = e.refobjsubid
    WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND e.refobjid = c.oid AND e.deptype = 'a'), '[]'),
  'grants', COALESCE((
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'privilege', g.privilege_type, 'column', g.attname,
      'grantee', CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END,
      'grantable', g.is_grantable
    ) ORDER BY g.attname NULLS FIRST, g.grantee, g.privilege_type)
    FROM (
      SELECT NULL::name AS attname, x.grantee, x.privilege_type, x.is_grantable FROM pg_catalog.aclexplode(c.relacl) x
      UNION ALL
      SELECT a.attname, x.grantee, x.privilege_type, x.is_grantable
      FROM pg_catalog.pg_attribute a, pg_catalog.aclexplode(a.attacl) x
      WHERE a.attrelid = c.oid AND NOT a.attisdropped) g
    WHERE g.grantee <> c.relowner), '[]'),
  'statistics', COALESCE((
    SELECT pg_catalog.json_agg(pg_catalog.pg_get_statisticsobjdef(s.oid) ORDER BY s.stxname)
    FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = c.oid), '[]'),
  'taken', COALESCE((
    SELECT pg_catalog.json_agg(o.relname ORDER BY o.relname)
    FROM pg_catalog.pg_class o WHERE o.relnamespace = c.relnamespace AND o.relname LIKE '%dsql%'), '[]')
)::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = pg_catalog.to_regclass('$table')), 'null')
