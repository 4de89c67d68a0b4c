-- Full text search over title and body.
ALTER TABLE issues ADD COLUMN search_vector tsvector;
UPDATE issues SET search_vector = to_tsvector('english', title || ' ' || body);
CREATE INDEX issues_search ON issues USING gin (search_vector);
CREATE TRIGGER issues_search_update BEFORE INSERT OR UPDATE ON issues
    FOR EACH ROW EXECUTE PROCEDURE tsvector_update_trigger(search_vector, 'pg_catalog.english', title, body);
