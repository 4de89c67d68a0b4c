BEGIN;
--
-- Add field supervisor to vet
--
ALTER TABLE "people_vet" ADD COLUMN "supervisor_id" bigint NULL CONSTRAINT "people_vet_supervisor_id_857fb365_fk_people_vet_id" REFERENCES "people_vet"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "people_vet_supervisor_id_857fb365_fk_people_vet_id" IMMEDIATE;
--
-- Create constraint vet_salary_positive on model vet
--
ALTER TABLE "people_vet" ADD CONSTRAINT "vet_salary_positive" CHECK ("salary" >= 0);
--
-- Rename field name on vet to full_name
--
ALTER TABLE "people_vet" RENAME COLUMN "name" TO "full_name";
--
-- Rename table for specialty to vet_specialty
--
ALTER TABLE "people_specialty" RENAME TO "vet_specialty";
CREATE INDEX "people_vet_supervisor_id_857fb365" ON "people_vet" ("supervisor_id");
COMMIT;
