ALTER TABLE "order" ADD CONSTRAINT "chk-order-total" CHECK (total >= 0);
ALTER TABLE "order" ADD CONSTRAINT "uq-order-placed" UNIQUE (customer_id, placed_at);
UPDATE customer SET language = 'de' WHERE email LIKE '%.de';
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20230810_000001_order_total_check', 1682500000);
