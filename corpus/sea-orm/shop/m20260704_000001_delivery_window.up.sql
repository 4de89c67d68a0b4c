ALTER TABLE "delivery" DROP COLUMN "window";
ALTER TABLE "delivery" ADD COLUMN "from_at" timestamp with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP;
ALTER TABLE "delivery" ADD COLUMN "until_at" timestamp with time zone;
ALTER TABLE "delivery" ALTER COLUMN "weight_grams" TYPE bigint, ALTER COLUMN "weight_grams" SET NOT NULL, ALTER COLUMN "weight_grams" SET DEFAULT 0;
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20260704_000001_delivery_window', 1707500000);
