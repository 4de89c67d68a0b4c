BEGIN;

-- Running upgrade 0011 -> 0012

CREATE TABLE review (
    id BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 1000 CACHE 10), 
    product_id UUID NOT NULL, 
    customer_id INTEGER NOT NULL, 
    stars SMALLINT NOT NULL, 
    body TEXT DEFAULT '' NOT NULL, 
    PRIMARY KEY (id), 
    CONSTRAINT ck_review_stars CHECK (stars BETWEEN 1 AND 5), 
    FOREIGN KEY(customer_id) REFERENCES customer (id), 
    FOREIGN KEY(product_id) REFERENCES product (id), 
    CONSTRAINT uq_review_once UNIQUE (product_id, customer_id)
);

CREATE INDEX ix_review_latest ON review (product_id, id DESC);

COMMIT;

CREATE INDEX CONCURRENTLY ix_review_customer ON review (customer_id);

BEGIN;

UPDATE alembic_version SET version_num='0012' WHERE alembic_version.version_num = '0011';

COMMIT;

