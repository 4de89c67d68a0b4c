BEGIN;

-- Running upgrade 0014 -> 0015

ALTER TABLE stock ALTER COLUMN counted_at TYPE TIMESTAMP WITH TIME ZONE USING counted_at AT TIME ZONE 'UTC';

ALTER TABLE customer ALTER COLUMN newsletter SET DEFAULT true;

ALTER TABLE customer RENAME full_name TO name;

ALTER TABLE address RENAME TO customer_address;

UPDATE alembic_version SET version_num='0015' WHERE alembic_version.version_num = '0014';

COMMIT;

