BEGIN;
--
-- Add field state to visit
--
ALTER TABLE "clinic_visit" ADD COLUMN "state" varchar(10) DEFAULT 'booked' NOT NULL;
ALTER TABLE "clinic_visit" ALTER COLUMN "state" DROP DEFAULT;
--
-- Add field price to visit
--
ALTER TABLE "clinic_visit" ADD COLUMN "price" numeric(8, 2) NULL;
--
-- Create constraint visit_state_known on model visit
--
ALTER TABLE "clinic_visit" ADD CONSTRAINT "visit_state_known" CHECK ("state" IN ('booked', 'done', 'missed'));
--
-- Raw Python operation
--
-- THIS OPERATION CANNOT BE WRITTEN AS SQL
COMMIT;
