BEGIN;
--
-- Add field street to owner
--
ALTER TABLE "people_owner" ADD COLUMN "street" varchar(120) DEFAULT '' NOT NULL;
ALTER TABLE "people_owner" ALTER COLUMN "street" DROP DEFAULT;
--
-- Add field city to owner
--
ALTER TABLE "people_owner" ADD COLUMN "city" varchar(80) NULL;
--
-- Add field postcode to owner
--
ALTER TABLE "people_owner" ADD COLUMN "postcode" varchar(10) NULL;
--
-- Create index owner_city_joined_idx on field(s) city, -joined of model owner
--
CREATE INDEX "owner_city_joined_idx" ON "people_owner" ("city", "joined" DESC);
COMMIT;
