ALTER TABLE "bakery" RENAME COLUMN "profit_margin" TO "margin";
ALTER TABLE "cakes_bakers" RENAME TO "cake_baker";
DROP INDEX "idx-cake-name-bakery";
CREATE INDEX "idx-cake-bakery_id" ON "cake" ("bakery_id");
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20230118_000001_rename_margin', 1672500000);
