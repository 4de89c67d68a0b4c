BEGIN;
--
-- Alter field email on owner
--
ALTER TABLE "people_owner" DROP CONSTRAINT "people_owner_email_key";
DROP INDEX IF EXISTS "people_owner_email_be77c4dc_like";
--
-- Create constraint owner_email_lower on model owner
--
CREATE UNIQUE INDEX "owner_email_lower" ON "people_owner" ((LOWER("email")));
--
-- Create constraint owner_telephone_once on model owner
--
CREATE UNIQUE INDEX "owner_telephone_once" ON "people_owner" ("telephone") WHERE NOT ("telephone" = '');
COMMIT;
