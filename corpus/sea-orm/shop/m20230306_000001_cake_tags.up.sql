ALTER TABLE "cake" ADD COLUMN "tags" text[] NOT NULL DEFAULT ('{}');
ALTER TABLE "cake" ADD COLUMN "allergens" jsonb;
CREATE INDEX "idx-cake-allergens" ON "cake" USING GIN ("allergens");
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20230306_000001_cake_tags', 1675000000);
