ALTER TYPE "order_status" ADD VALUE IF NOT EXISTS 'refunded' AFTER 'paid';
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20221011_000001_status_refunded', 1667500000);
