BEGIN;
--
-- Add field external_id to vet
--
ALTER TABLE "people_vet" ADD COLUMN "external_id" uuid DEFAULT '7c6a4c4e-5b0e-4d43-9d6b-0a5a3a6f7a11'::uuid NOT NULL;
ALTER TABLE "people_vet" ALTER COLUMN "external_id" DROP DEFAULT;
--
-- Alter field salary on vet
--
ALTER TABLE "people_vet" ALTER COLUMN "salary" TYPE numeric(12, 2);
--
-- Alter field full_name on vet
--
ALTER TABLE "people_vet" ALTER COLUMN "full_name" TYPE text USING "full_name"::text;
COMMIT;
