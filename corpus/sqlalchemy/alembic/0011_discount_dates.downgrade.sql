BEGIN;

-- Running downgrade 0011 -> 0010

ALTER TABLE discount ADD COLUMN valid TSTZRANGE;

ALTER TABLE discount DROP COLUMN ends_at;

ALTER TABLE discount DROP COLUMN starts_at;

UPDATE alembic_version SET version_num='0010' WHERE alembic_version.version_num = '0011';

COMMIT;

