INSERT INTO "bakery" ("name", "profit_margin") VALUES ('Sea Side', 12.5), (E'Crab\'s "Corner"', 8);
UPDATE "cake" SET "bakery_id" = 1 WHERE "bakery_id" IS NULL;
ALTER TABLE "cake" ALTER COLUMN "bakery_id" SET NOT NULL;
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20221120_000001_seed_bakeries', 1670000000);
