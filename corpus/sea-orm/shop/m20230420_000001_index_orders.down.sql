DROP INDEX "idx-customer-phone";
DROP INDEX "uq-order-cart";
DROP INDEX "idx-order-customer-placed";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20230420_000001_index_orders';
