BEGIN;
--
-- Raw SQL operation
--
UPDATE people_owner SET city = '' WHERE city IS NULL;
--
-- Alter field city on owner
--
ALTER TABLE "people_owner" ALTER COLUMN "city" SET NOT NULL;
--
-- Alter field telephone on owner
--
ALTER TABLE "people_owner" ALTER COLUMN "telephone" TYPE varchar(32);
COMMIT;
