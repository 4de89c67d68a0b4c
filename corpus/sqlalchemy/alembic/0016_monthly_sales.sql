BEGIN;

-- Running upgrade 0015 -> 0016

CREATE MATERIALIZED VIEW monthly_sales AS SELECT date_trunc('month', placed_at) AS month, sum(total) AS total FROM "order" WHERE state = 'paid' GROUP BY 1;

CREATE VIEW open_order AS SELECT id, customer_id, placed_at FROM "order" WHERE state IN ('placed', 'paid');

UPDATE alembic_version SET version_num='0016' WHERE alembic_version.version_num = '0015';

COMMIT;

