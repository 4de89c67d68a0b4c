BEGIN;
--
-- Add field search to visit
--
ALTER TABLE "clinic_visit" ADD COLUMN "search" tsvector NULL;
--
-- Create index visit_search_gin on field(s) search of model visit
--
CREATE INDEX "visit_search_gin" ON "clinic_visit" USING gin ("search");
--
-- Raw SQL operation
--
CREATE TRIGGER visit_search_update BEFORE INSERT OR UPDATE ON clinic_visit FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger(search, 'pg_catalog.english', reason);
COMMIT;
