Arrays become jsonb, serial and integer identities bigint ones; rows are written by the same script.
--- setup

--- script
CREATE TABLE vet (
  id serial PRIMARY KEY,
  number integer GENERATED ALWAYS AS IDENTITY,
  skills text[] NOT NULL DEFAULT '{}'
);
CREATE SEQUENCE bill_number;
INSERT INTO vet (skills) VALUES ('{surgery}'), ('{}');
INSERT INTO vet (id) VALUES (nextval('bill_number') + 1000000000000);
--- check
SELECT count(*), count(DISTINCT id), count(DISTINCT number), min(skills::text) FROM vet;
= 3|3|3|["surgery"]
SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'vet'::regclass AND attnum > 0 ORDER BY attnum;
= bigint
= bigint
= jsonb
