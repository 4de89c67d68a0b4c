
-- AWS IAM GRANT and REVOKE: which IAM identity may come in as which role. That a role has a mapping is a dependency of
-- it, by a privilege, so that PostgreSQL does not let the role be dropped.
CREATE TABLE pg_catalog.dsql_local_iam_mapping (
  iam_oid oid NOT NULL,
  arn text NOT NULL,
  pg_role_oid oid NOT NULL,
  grantor_pg_role_oid oid NOT NULL,
  PRIMARY KEY (pg_role_oid, arn)
);

CREATE VIEW sys.iam_pg_role_mappings AS
  SELECT m.iam_oid, m.arn, m.pg_role_oid, r.rolname::text AS pg_role_name,
    m.grantor_pg_role_oid, g.rolname::text AS grantor_pg_role_name
  FROM pg_catalog.dsql_local_iam_mapping m
  JOIN pg_catalog.pg_roles r ON r.oid = m.pg_role_oid
  LEFT JOIN pg_catalog.pg_roles g ON g.oid = m.grantor_pg_role_oid;
GRANT SELECT ON sys.iam_pg_role_mappings TO PUBLIC;

CREATE FUNCTION pg_catalog.dsql_local_trusted_role(name text) RETURNS oid
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
DECLARE
  named pg_roles;
BEGIN
  IF session_user <> 'admin' THEN
    RAISE EXCEPTION USING ERRCODE = '42501',
      MESSAGE = format('permission denied to grant IAM trust with role "%s"', name);
  END IF;
  SELECT * INTO named FROM pg_roles WHERE rolname = name;
  IF named.oid IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = '42704', MESSAGE = format('role "%s" does not exist', name);
  END IF;
  IF NOT named.rolcanlogin THEN
    RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format('role "%s" must have the LOGIN attribute', name);
  END IF;
  RETURN named.oid;
END
$$;

CREATE PROCEDURE pg_catalog.dsql_local_iam_grant(role_name text, arn text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  role oid := dsql_local_trusted_role(role_name);
BEGIN
  IF arn !~ '^arn(:[^:]*){4}:.' THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'IAM role must look like an IAM ARN';
  END IF;
  INSERT INTO dsql_local_iam_mapping
    VALUES (pg_nextoid('pg_authid', 'oid', 'pg_authid_oid_index'), arn, role, session_user::regrole::oid)
    ON CONFLICT DO NOTHING;
  EXECUTE format('GRANT SELECT ON sys.iam_pg_role_mappings TO %I', role_name);
END
$$;

CREATE PROCEDURE pg_catalog.dsql_local_iam_revoke(role_name text, arn text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  role oid := dsql_local_trusted_role(role_name);
BEGIN
  DELETE FROM dsql_local_iam_mapping m WHERE m.pg_role_oid = role AND m.arn = $2;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = '42704', MESSAGE = format('IAM role "%s" does not exist', arn);
  END IF;
  IF NOT EXISTS (SELECT FROM dsql_local_iam_mapping m WHERE m.pg_role_oid = role) THEN
    EXECUTE format('REVOKE SELECT ON sys.iam_pg_role_mappings FROM %I', role_name);
  END IF;
END
$$;
