BEGIN;

-- Running upgrade 0012 -> 0013

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE INDEX ix_product_title_trgm ON product USING gin (title gin_trgm_ops);

CREATE OR REPLACE FUNCTION order_total() RETURNS trigger AS $$
    BEGIN
        UPDATE "order" SET total = (SELECT coalesce(sum(quantity * unit_price), 0) FROM order_line WHERE order_id = NEW.order_id)
        WHERE id = NEW.order_id;
        RETURN NEW;
    END $$ LANGUAGE plpgsql;

CREATE TRIGGER order_line_total AFTER INSERT OR UPDATE ON order_line FOR EACH ROW EXECUTE FUNCTION order_total();

UPDATE alembic_version SET version_num='0013' WHERE alembic_version.version_num = '0012';

COMMIT;

