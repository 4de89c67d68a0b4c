Objects that have no rows: domains, functions, sequences, statistics, views, schemas.
--- setup
CREATE TABLE pet (id bigint PRIMARY KEY, name text, age int);
INSERT INTO pet VALUES (1, 'Leo', 3);
--- script
CREATE DOMAIN age AS int CHECK (VALUE >= 0);
CREATE FUNCTION old(a int) RETURNS bool LANGUAGE sql RETURN a > 10;
CREATE VIEW old_pet AS SELECT * FROM pet WHERE old(age);
ALTER VIEW old_pet RENAME TO elder;
CREATE SEQUENCE s;
ALTER SEQUENCE s RENAME TO t;
CREATE STATISTICS pet_stats ON name, age FROM pet;
ALTER TABLE pet ALTER COLUMN age SET DEFAULT 1;
ALTER TABLE pet ADD CONSTRAINT young CHECK (age < 100) NOT VALID;
ALTER TABLE pet RENAME CONSTRAINT young TO not_old;
ALTER TABLE pet DROP CONSTRAINT not_old;
ALTER FUNCTION old(int) RENAME TO is_old;
INSERT INTO pet (id, name) VALUES (2, 'Basil');
--- check
SELECT id, name, age, is_old(age) FROM pet ORDER BY id;
= 1|Leo|3|f
= 2|Basil|1|f
SELECT typname FROM pg_type WHERE typnamespace = current_schema()::regnamespace AND typtype = 'd';
= age
SELECT relname, relkind FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('v', 'S') ORDER BY 1;
= elder|v
= t|S
