BEGIN;

-- Running upgrade 0003 -> 0004

ALTER TABLE customer ADD COLUMN phone VARCHAR(32);

ALTER TABLE customer ADD COLUMN newsletter BOOLEAN DEFAULT false NOT NULL;

ALTER TABLE customer ADD CONSTRAINT uq_customer_phone UNIQUE (phone);

UPDATE alembic_version SET version_num='0004' WHERE alembic_version.version_num = '0003';

COMMIT;

