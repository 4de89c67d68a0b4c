BEGIN;
--
-- Remove field weight_kg from pet
--
ALTER TABLE "clinic_pet" DROP COLUMN "weight_kg" CASCADE;
--
-- Alter field weight_grams on pet
--
ALTER TABLE "clinic_pet" ALTER COLUMN "weight_grams" TYPE bigint USING "weight_grams"::bigint;
--
-- Alter field vet on visit
--
SET CONSTRAINTS "clinic_visit_vet_id_90e2f869_fk_people_vet_id" IMMEDIATE; ALTER TABLE "clinic_visit" DROP CONSTRAINT "clinic_visit_vet_id_90e2f869_fk_people_vet_id";
ALTER TABLE "clinic_visit" ALTER COLUMN "vet_id" SET NOT NULL;
ALTER TABLE "clinic_visit" ADD CONSTRAINT "clinic_visit_vet_id_90e2f869_fk_people_vet_id" FOREIGN KEY ("vet_id") REFERENCES "people_vet" ("id") DEFERRABLE INITIALLY DEFERRED;
COMMIT;
