A column with all that a column may have, over more rows than one transaction may change.
--- setup
CREATE TABLE owner (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE pet (id bigint PRIMARY KEY, name text);
INSERT INTO owner VALUES (7, 'Betty');
INSERT INTO pet SELECT n, 'pet ' || n FROM generate_series(1, 2000) n;
INSERT INTO pet SELECT n, 'pet ' || n FROM generate_series(2001, 3500) n;
--- script
ALTER TABLE pet ADD COLUMN owner_id bigint NOT NULL DEFAULT 7 CHECK (owner_id > 0) REFERENCES owner (id);
ALTER TABLE pet ADD COLUMN tag text UNIQUE;
--- check
SELECT count(*), count(*) FILTER (WHERE owner_id = 7), count(DISTINCT name), count(tag) FROM pet;
= 3500|3500|3500|0
SELECT conname, contype, convalidated FROM pg_constraint WHERE conrelid = 'pet'::regclass AND contype <> 'n' ORDER BY 1;
= pet_owner_id_check|c|t
= pet_owner_id_fkey|f|t
= pet_owner_id_not_null|c|t
= pet_pkey|p|t
= pet_tag_key|u|t
