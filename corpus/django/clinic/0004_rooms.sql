BEGIN;
--
-- Create model Room
--
CREATE TABLE "clinic_room" ("code" varchar(8) NOT NULL PRIMARY KEY, "floor" smallint NOT NULL, "equipment" jsonb NULL);
COMMENT ON TABLE "clinic_room" IS 'Rooms that can be booked';
--
-- Add field room to visit
--
ALTER TABLE "clinic_visit" ADD COLUMN "room_id" varchar(8) NULL CONSTRAINT "clinic_visit_room_id_a5383ec4_fk_clinic_room_code" REFERENCES "clinic_room"("code") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "clinic_visit_room_id_a5383ec4_fk_clinic_room_code" IMMEDIATE;
COMMENT ON COLUMN "clinic_visit"."room_id" IS 'where it takes place';
--
-- Alter field reason on visit
--
ALTER TABLE "clinic_visit" ALTER COLUMN "reason" TYPE varchar(500) USING "reason"::varchar(500);
--
-- Rename field at on visit to starts_at
--
ALTER TABLE "clinic_visit" RENAME COLUMN "at" TO "starts_at";
CREATE INDEX "clinic_room_code_2f2bc165_like" ON "clinic_room" ("code" varchar_pattern_ops);
CREATE INDEX "clinic_visit_room_id_a5383ec4" ON "clinic_visit" ("room_id");
CREATE INDEX "clinic_visit_room_id_a5383ec4_like" ON "clinic_visit" ("room_id" varchar_pattern_ops);
COMMIT;
