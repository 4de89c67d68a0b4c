CREATE INDEX "idx-order-customer-placed" ON "order" ("customer_id", "placed_at" DESC);
CREATE UNIQUE INDEX "uq-order-cart" ON "order" ("customer_id") WHERE "status" = ('cart'::order_status);
CREATE INDEX "idx-customer-phone" ON "customer" USING HASH ("phone");
CREATE INDEX "idx-customer-email" ON "customer" ("email") INCLUDE ("name");
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20230420_000001_index_orders', 1677500000);
