--
-- Concurrently create index pet_name_upper_idx on field(s)  of model pet
--
CREATE INDEX CONCURRENTLY "pet_name_upper_idx" ON "clinic_pet" ((UPPER("name")));
--
-- Concurrently remove index visit_measurements_gin from visit
--
DROP INDEX CONCURRENTLY IF EXISTS "visit_measurements_gin";
