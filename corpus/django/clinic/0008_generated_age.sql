BEGIN;
--
-- Add field weight_kg to pet
--
ALTER TABLE "clinic_pet" ADD COLUMN "weight_kg" integer GENERATED ALWAYS AS (("weight_grams" / 1000)) STORED;
--
-- Add field registered_at to pet
--
ALTER TABLE "clinic_pet" ADD COLUMN "registered_at" timestamp with time zone DEFAULT (STATEMENT_TIMESTAMP()) NOT NULL;
--
-- Alter unique_together for pet (1 constraint(s))
--
ALTER TABLE "clinic_pet" DROP CONSTRAINT "clinic_pet_owner_id_name_9fb37101_uniq";
ALTER TABLE "clinic_pet" ADD CONSTRAINT "clinic_pet_owner_id_name_species_id_4df6f495_uniq" UNIQUE ("owner_id", "name", "species_id");
COMMIT;
