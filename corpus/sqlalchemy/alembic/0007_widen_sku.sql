BEGIN;

-- Running upgrade 0006 -> 0007

ALTER TABLE product ALTER COLUMN sku TYPE VARCHAR(64);

ALTER TABLE order_line ALTER COLUMN quantity TYPE BIGINT;

UPDATE alembic_version SET version_num='0007' WHERE alembic_version.version_num = '0006';

COMMIT;

