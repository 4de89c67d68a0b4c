BEGIN;

-- Running upgrade 0002 -> 0003

CREATE TYPE order_state AS ENUM ('cart', 'placed', 'paid', 'shipped', 'cancelled');

CREATE TABLE "order" (
    id BIGSERIAL NOT NULL, 
    customer_id INTEGER NOT NULL, 
    state order_state NOT NULL, 
    placed_at TIMESTAMP WITH TIME ZONE, 
    total NUMERIC(12, 2) DEFAULT '0' NOT NULL, 
    CONSTRAINT pk_order PRIMARY KEY (id), 
    CONSTRAINT fk_order_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id) ON DELETE RESTRICT
);

CREATE UNIQUE INDEX ix_order_open ON "order" (customer_id) WHERE state = 'cart';

CREATE TABLE order_line (
    order_id BIGINT NOT NULL, 
    position SMALLINT NOT NULL, 
    product_id UUID NOT NULL, 
    quantity INTEGER NOT NULL, 
    unit_price NUMERIC(10, 2) NOT NULL, 
    PRIMARY KEY (order_id, position), 
    CONSTRAINT ck_order_line_quantity CHECK (quantity > 0), 
    FOREIGN KEY(order_id) REFERENCES "order" (id) ON DELETE CASCADE, 
    FOREIGN KEY(product_id) REFERENCES product (id)
);

UPDATE alembic_version SET version_num='0003' WHERE alembic_version.version_num = '0002';

COMMIT;

