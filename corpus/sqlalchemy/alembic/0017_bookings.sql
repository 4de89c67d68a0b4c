BEGIN;

-- Running upgrade 0016 -> 0017

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE pickup_slot (
    id SERIAL NOT NULL, 
    warehouse CHAR(3) NOT NULL, 
    during TSRANGE NOT NULL, 
    PRIMARY KEY (id), 
    CONSTRAINT ex_pickup_slot EXCLUDE USING gist (warehouse WITH =, during WITH &&)
);

UPDATE alembic_version SET version_num='0017' WHERE alembic_version.version_num = '0016';

COMMIT;

