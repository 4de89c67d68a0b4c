BEGIN;

-- Running upgrade 0013 -> 0014

CREATE TABLE price (
    product_id UUID NOT NULL, 
    currency CHAR(3) NOT NULL, 
    amount NUMERIC(10, 2) NOT NULL, 
    since DATE NOT NULL
);

ALTER TABLE price ADD CONSTRAINT pk_price PRIMARY KEY (product_id, currency, since);

ALTER TABLE price ADD FOREIGN KEY(product_id) REFERENCES product (id);

INSERT INTO price (product_id, currency, amount, since) SELECT id, 'EUR', price, '2023-01-01' FROM product;

ALTER TABLE product ALTER COLUMN price DROP NOT NULL;

COMMENT ON COLUMN product.price IS 'kept for old clients';

UPDATE alembic_version SET version_num='0014' WHERE alembic_version.version_num = '0013';

COMMIT;

