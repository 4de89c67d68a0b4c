Indexes of all kinds, built by jobs.
--- setup
CREATE TABLE pet (id bigint PRIMARY KEY, name text, age int);
INSERT INTO pet SELECT n, 'pet ' || n, n % 7 FROM generate_series(1, 900) n;
--- script
CREATE INDEX CONCURRENTLY pet_name ON pet (name DESC);
CREATE UNIQUE INDEX IF NOT EXISTS pet_name_age ON pet USING btree (name, age);
CREATE INDEX ON pet (lower(name)) WHERE age > 3;
CREATE INDEX "the index" ON pet (age) INCLUDE (name);
DROP INDEX CONCURRENTLY pet_name;
--- check
SELECT c.relname, i.indisvalid, i.indisunique FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'pet'::regclass ORDER BY 1;
= pet_lower_idx|t|f
= pet_name_age|t|t
= pet_pkey|t|t
= the index|t|f
SELECT count(*) FROM pet;
= 900
