The type of a key that others point at, in a table with all that hangs on one.
--- setup
CREATE TABLE owner (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE pet (
    id int PRIMARY KEY,
    name varchar(20) NOT NULL DEFAULT 'x',
    owner bigint CONSTRAINT pet_owner REFERENCES owner ON DELETE CASCADE DEFERRABLE,
    mother int REFERENCES pet,
    doc json,
    up text GENERATED ALWAYS AS (upper(name)) STORED,
    CONSTRAINT pet_named UNIQUE NULLS NOT DISTINCT (name, owner),
    CHECK (id > 0)
);
CREATE UNIQUE INDEX ASYNC pet_owned ON pet (owner, lower(name)) WHERE id > 3;
CREATE INDEX ASYNC pet_mother ON pet (mother) INCLUDE (name);
CREATE TABLE visit (id int PRIMARY KEY, pet int NOT NULL REFERENCES pet (id) ON DELETE CASCADE);
CREATE VIEW named AS SELECT owner, name FROM pet WHERE name <> '';
COMMENT ON TABLE pet IS 'it''s a pet';
INSERT INTO owner SELECT n, 'owner ' || n FROM generate_series(1, 10) n;
INSERT INTO pet (id, name, owner, mother, doc) SELECT n, 'pet ' || n, 1 + n % 10, 1, '{"n": 1}' FROM generate_series(1, 1600) n;
INSERT INTO pet (id, name, owner, mother, doc) SELECT n, 'pet ' || n, 1 + n % 10, 1, NULL FROM generate_series(1601, 3200) n;
INSERT INTO visit SELECT n, n FROM generate_series(1, 20) n;
--- script
ALTER TABLE pet ALTER COLUMN id TYPE bigint, ALTER COLUMN name SET DEFAULT 'y';
--- check
SELECT count(*), min(id), max(id), count(DISTINCT name), count(doc), sum(mother), count(*) FILTER (WHERE up = upper(name)) FROM pet;
= 3200|1|3200|3200|1600|3200|3200
SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute WHERE attrelid = 'pet'::regclass AND attnum > 0 ORDER BY attnum;
= id|bigint|t
= name|character varying(20)|t
= owner|bigint|f
= mother|integer|f
= doc|json|f
= up|text|f
SELECT conname, contype, convalidated FROM pg_constraint WHERE conrelid = 'pet'::regclass AND contype <> 'n' ORDER BY 1;
= pet_id_check|c|t
= pet_mother_fkey|f|t
= pet_named|u|t
= pet_owner|f|t
= pet_pkey|p|t
SELECT conname, confrelid = 'pet'::regclass, convalidated FROM pg_constraint WHERE conrelid = 'visit'::regclass AND contype = 'f';
= visit_pet_fkey|t|t
SELECT c.relname, i.indisunique, i.indisvalid, i.indpred IS NOT NULL FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'pet'::regclass ORDER BY 1;
= pet_mother|f|t|f
= pet_named|t|t|f
= pet_owned|t|t|t
= pet_pkey|t|t|f
SELECT count(*) FROM named;
= 3200
SELECT obj_description('pet'::regclass, 'pg_class'), pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'pet'::regclass AND adnum = 2;
= it's a pet|'y'::character varying
SELECT count(*) FROM pg_class WHERE relname LIKE '%dsql%' AND relnamespace = current_schema()::regnamespace AND relname LIKE 'pet%';
= 0
