BEGIN;
--
-- Remove field equipment from room
--
ALTER TABLE "clinic_room" DROP COLUMN "equipment" CASCADE;
--
-- Remove constraint visit_state_known from model visit
--
ALTER TABLE "clinic_visit" DROP CONSTRAINT "visit_state_known";
--
-- Remove index visit_pet_at_idx from visit
--
DROP INDEX IF EXISTS "visit_pet_at_idx";
--
-- Rename model Room to TreatmentRoom
--
ALTER TABLE "clinic_room" RENAME TO "clinic_treatmentroom";
SET CONSTRAINTS "clinic_visit_room_id_a5383ec4_fk_clinic_room_code" IMMEDIATE; ALTER TABLE "clinic_visit" DROP CONSTRAINT "clinic_visit_room_id_a5383ec4_fk_clinic_room_code";
ALTER TABLE "clinic_visit" ADD CONSTRAINT "clinic_visit_room_id_a5383ec4_fk_clinic_treatmentroom_code" FOREIGN KEY ("room_id") REFERENCES "clinic_treatmentroom" ("code") DEFERRABLE INITIALLY DEFERRED;
COMMIT;
