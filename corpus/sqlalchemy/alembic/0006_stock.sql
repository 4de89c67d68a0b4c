BEGIN;

-- Running upgrade 0005 -> 0006

CREATE TABLE warehouse (
    code CHAR(3) NOT NULL, 
    city TEXT NOT NULL, 
    PRIMARY KEY (code)
);

CREATE TABLE stock (
    warehouse CHAR(3) NOT NULL, 
    product_id UUID NOT NULL, 
    on_hand INTEGER DEFAULT 0 NOT NULL, 
    counted_at TIMESTAMP WITHOUT TIME ZONE, 
    PRIMARY KEY (warehouse, product_id), 
    FOREIGN KEY(product_id) REFERENCES product (id) ON DELETE CASCADE, 
    FOREIGN KEY(warehouse) REFERENCES warehouse (code) ON UPDATE CASCADE
);

INSERT INTO warehouse (code, city) VALUES ('BER', 'Berlin');

INSERT INTO warehouse (code, city) VALUES ('LYS', 'Lyon');

UPDATE alembic_version SET version_num='0006' WHERE alembic_version.version_num = '0005';

COMMIT;

