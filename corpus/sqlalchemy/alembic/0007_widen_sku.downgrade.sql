BEGIN;

-- Running downgrade 0007 -> 0006

ALTER TABLE order_line ALTER COLUMN quantity TYPE INTEGER;

ALTER TABLE product ALTER COLUMN sku TYPE VARCHAR(40);

UPDATE alembic_version SET version_num='0006' WHERE alembic_version.version_num = '0007';

COMMIT;

