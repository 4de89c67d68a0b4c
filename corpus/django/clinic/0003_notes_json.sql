BEGIN;
--
-- Add field measurements to visit
--
ALTER TABLE "clinic_visit" ADD COLUMN "measurements" jsonb DEFAULT '{}'::jsonb NOT NULL;
ALTER TABLE "clinic_visit" ALTER COLUMN "measurements" DROP DEFAULT;
--
-- Create index visit_measurements_gin on field(s) measurements of model visit
--
CREATE INDEX "visit_measurements_gin" ON "clinic_visit" USING gin ("measurements");
--
-- Add field tags to pet
--
ALTER TABLE "clinic_pet" ADD COLUMN "tags" varchar(20)[] DEFAULT '{}' NOT NULL;
ALTER TABLE "clinic_pet" ALTER COLUMN "tags" DROP DEFAULT;
COMMIT;
