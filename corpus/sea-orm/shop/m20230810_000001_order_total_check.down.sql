ALTER TABLE "order" DROP CONSTRAINT "uq-order-placed";
ALTER TABLE "order" DROP CONSTRAINT "chk-order-total";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20230810_000001_order_total_check';
