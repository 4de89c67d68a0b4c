ALTER TABLE "customer" ADD COLUMN "newsletter" bool NOT NULL DEFAULT TRUE, ADD COLUMN "unsubscribed_at" timestamp with time zone, DROP COLUMN "vip";
ALTER TABLE "customer" ADD COLUMN "referred_by" bigint, ADD CONSTRAINT "fk-customer-referred_by" FOREIGN KEY ("referred_by") REFERENCES "customer" ("id") ON DELETE SET NULL;
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20240322_000001_newsletter', 1690000000);
