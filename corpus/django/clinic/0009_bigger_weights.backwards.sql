BEGIN;
--
-- Alter field vet on visit
--
SET CONSTRAINTS "clinic_visit_vet_id_90e2f869_fk_people_vet_id" IMMEDIATE; ALTER TABLE "clinic_visit" DROP CONSTRAINT "clinic_visit_vet_id_90e2f869_fk_people_vet_id";
ALTER TABLE "clinic_visit" ALTER COLUMN "vet_id" DROP NOT NULL;
ALTER TABLE "clinic_visit" ADD CONSTRAINT "clinic_visit_vet_id_90e2f869_fk_people_vet_id" FOREIGN KEY ("vet_id") REFERENCES "people_vet" ("id") DEFERRABLE INITIALLY DEFERRED;
--
-- Alter field weight_grams on pet
--
ALTER TABLE "clinic_pet" ALTER COLUMN "weight_grams" TYPE integer USING "weight_grams"::integer;
--
-- Remove field weight_kg from pet
--
ALTER TABLE "clinic_pet" ADD COLUMN "weight_kg" integer GENERATED ALWAYS AS (("weight_grams" / 1000)) STORED;
COMMIT;
