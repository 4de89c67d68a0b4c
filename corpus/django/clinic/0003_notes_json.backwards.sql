BEGIN;
--
-- Add field tags to pet
--
ALTER TABLE "clinic_pet" DROP COLUMN "tags" CASCADE;
--
-- Create index visit_measurements_gin on field(s) measurements of model visit
--
DROP INDEX IF EXISTS "visit_measurements_gin";
--
-- Add field measurements to visit
--
ALTER TABLE "clinic_visit" DROP COLUMN "measurements" CASCADE;
COMMIT;
