BEGIN;
--
-- Create index owner_city_joined_idx on field(s) city, -joined of model owner
--
DROP INDEX IF EXISTS "owner_city_joined_idx";
--
-- Add field postcode to owner
--
ALTER TABLE "people_owner" DROP COLUMN "postcode" CASCADE;
--
-- Add field city to owner
--
ALTER TABLE "people_owner" DROP COLUMN "city" CASCADE;
--
-- Add field street to owner
--
ALTER TABLE "people_owner" DROP COLUMN "street" CASCADE;
COMMIT;
