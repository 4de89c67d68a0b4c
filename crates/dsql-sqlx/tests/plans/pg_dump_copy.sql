What pg_dump writes: settings, a search path that is empty, keys added later, rows by COPY.
--- setup
--- script
--
-- PostgreSQL database dump
--
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TABLE {schema}.pet (
    id integer NOT NULL,
    name character varying(80),
    born date
);
CREATE SEQUENCE {schema}.pet_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE {schema}.pet_id_seq OWNED BY {schema}.pet.id;
ALTER TABLE ONLY {schema}.pet ALTER COLUMN id SET DEFAULT nextval('{schema}.pet_id_seq'::regclass);
CREATE TABLE {schema}.visit (
    pet_id integer NOT NULL,
    note text
);

COPY {schema}.pet (id, name, born) FROM stdin;
1	Leo	2010-09-07
2	Basil	\N
3	Rosy\tRed	2011-04-17
\.

COPY {schema}.visit (pet_id, note) FROM stdin;
1	rabies shot
1	spayed; twice
3	\N
\.

SELECT pg_catalog.setval('{schema}.pet_id_seq', 3, true);

ALTER TABLE ONLY {schema}.pet
    ADD CONSTRAINT pet_pkey PRIMARY KEY (id);
CREATE INDEX visit_pet ON {schema}.visit USING btree (pet_id);
ALTER TABLE ONLY {schema}.visit
    ADD CONSTRAINT visit_pet_fkey FOREIGN KEY (pet_id) REFERENCES {schema}.pet(id);
--- check
SELECT id, name, born FROM {schema}.pet ORDER BY id;
= 1|Leo|2010-09-07
= 2|Basil|NULL
= 3|Rosy	Red|2011-04-17
SELECT pet_id, note FROM {schema}.visit ORDER BY 1, 2;
= 1|rabies shot
= 1|spayed; twice
= 3|NULL
SELECT conname, convalidated FROM pg_constraint WHERE connamespace = '{schema}'::regnamespace AND contype <> 'n' AND conname LIKE '%t\_%' AND conname NOT LIKE 'dsql%' ORDER BY 1;
= pet_pkey|t
= visit_pet_fkey|t
