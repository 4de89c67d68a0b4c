BEGIN;
--
-- Creates extension btree_gist
--
CREATE EXTENSION IF NOT EXISTS "btree_gist";
--
-- Add field period to visit
--
ALTER TABLE "clinic_visit" ADD COLUMN "period" tstzrange NULL;
--
-- Create constraint visit_room_free on model visit
--
ALTER TABLE "clinic_visit" ADD CONSTRAINT "visit_room_free" EXCLUDE USING GIST ("room_id" WITH =, "period" WITH &&);
COMMIT;
