BEGIN;

-- Running downgrade 0002 -> 0001

DROP TABLE product;

DROP TABLE category;

UPDATE alembic_version SET version_num='0001' WHERE alembic_version.version_num = '0002';

COMMIT;

