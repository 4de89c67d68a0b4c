DROP TRIGGER issues_search_update ON issues;
DROP INDEX issues_search;
ALTER TABLE issues DROP COLUMN search_vector;
