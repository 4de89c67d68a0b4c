BEGIN;

-- Running upgrade 0004 -> 0005

ALTER TABLE category ADD COLUMN name VARCHAR(80);

UPDATE category SET name = initcap(replace(slug, '-', ' '));

ALTER TABLE category ALTER COLUMN name SET NOT NULL;

UPDATE alembic_version SET version_num='0005' WHERE alembic_version.version_num = '0004';

COMMIT;

