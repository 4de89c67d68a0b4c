Values of an enum that has become a domain, with rows of it.
--- setup
CREATE DOMAIN mood AS text CHECK (VALUE IN ('sad', 'ok'));
CREATE TABLE pet (id bigint PRIMARY KEY, mood mood NOT NULL);
INSERT INTO pet SELECT n, CASE WHEN n % 2 = 0 THEN 'sad' ELSE 'ok' END FROM generate_series(1, 2200) n;
--- script
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'it''s' AFTER 'sad';
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'ok';
ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
INSERT INTO pet VALUES (5000, 'it''s');
--- check
SELECT mood, count(*) FROM pet GROUP BY mood ORDER BY mood;
= blue|1100
= it's|1
= ok|1100
SELECT count(*), max(pg_get_constraintdef(oid)) FROM pg_constraint WHERE contypid = 'mood'::regtype;
= 1|CHECK ((VALUE = ANY (ARRAY['blue'::text, 'ok'::text, 'it''s'::text])))
