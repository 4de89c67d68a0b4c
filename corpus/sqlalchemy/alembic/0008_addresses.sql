BEGIN;

-- Running upgrade 0007 -> 0008

CREATE TABLE address (
    id SERIAL NOT NULL, 
    customer_id INTEGER NOT NULL, 
    lines VARCHAR(120)[] NOT NULL, 
    country CHAR(2) NOT NULL, 
    PRIMARY KEY (id), 
    FOREIGN KEY(customer_id) REFERENCES customer (id) ON DELETE CASCADE
);

ALTER TABLE "order" ADD COLUMN ship_to_id INTEGER;

ALTER TABLE "order" ADD CONSTRAINT fk_order_ship_to FOREIGN KEY(ship_to_id) REFERENCES address (id) ON DELETE SET NULL;

CREATE INDEX ix_address_customer ON address (customer_id);

UPDATE alembic_version SET version_num='0008' WHERE alembic_version.version_num = '0007';

COMMIT;

