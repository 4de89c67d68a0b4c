BEGIN;

-- Running upgrade 0010 -> 0011

ALTER TABLE discount ADD COLUMN starts_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL;

ALTER TABLE discount ADD COLUMN ends_at TIMESTAMP WITH TIME ZONE;

UPDATE discount SET starts_at = lower(valid), ends_at = upper(valid) WHERE valid IS NOT NULL;

ALTER TABLE discount DROP COLUMN valid;

UPDATE alembic_version SET version_num='0011' WHERE alembic_version.version_num = '0010';

COMMIT;

