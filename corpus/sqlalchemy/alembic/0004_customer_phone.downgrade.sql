BEGIN;

-- Running downgrade 0004 -> 0003

ALTER TABLE customer DROP CONSTRAINT uq_customer_phone;

ALTER TABLE customer DROP COLUMN newsletter;

ALTER TABLE customer DROP COLUMN phone;

UPDATE alembic_version SET version_num='0003' WHERE alembic_version.version_num = '0004';

COMMIT;

