DROP INDEX "idx-cake-bakery_id";
ALTER TABLE "cake_baker" RENAME TO "cakes_bakers";
ALTER TABLE "bakery" RENAME COLUMN "margin" TO "profit_margin";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20230118_000001_rename_margin';
