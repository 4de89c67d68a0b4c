BEGIN;
--
-- Alter field telephone on owner
--
ALTER TABLE "people_owner" ALTER COLUMN "telephone" TYPE varchar(20);
--
-- Alter field city on owner
--
ALTER TABLE "people_owner" ALTER COLUMN "city" DROP NOT NULL;
--
-- Raw SQL operation
--
-- (no-op)
COMMIT;
