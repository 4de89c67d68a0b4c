ALTER TABLE "customer" ADD COLUMN "phone" varchar(32);
ALTER TABLE "customer" ADD COLUMN "language" char(2) NOT NULL DEFAULT 'en';
ALTER TABLE "customer" ADD COLUMN IF NOT EXISTS "loyalty_points" integer NOT NULL DEFAULT 0;
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20220610_000001_add_phone', 1660000000);
