DROP INDEX "uq-order-cart";
ALTER TABLE "order" ALTER COLUMN "status" TYPE varchar(16), ALTER COLUMN "status" SET NOT NULL;
DROP TYPE IF EXISTS "order_status";
ALTER TABLE "order" ALTER COLUMN "status" SET DEFAULT 'cart';
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20250113_000001_status_text', 1697500000);
