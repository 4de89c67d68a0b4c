A script of many statements of both kinds, in transactions and outside, that must each happen once.
--- setup
CREATE TABLE counter (id bigint PRIMARY KEY, n bigint NOT NULL);
INSERT INTO counter VALUES (1, 0), (2, 0);
--- script
UPDATE counter SET n = n + 1 WHERE id = 1;
CREATE TABLE pet (id bigint PRIMARY KEY, name text);
BEGIN;
INSERT INTO pet VALUES (1, 'Leo');
UPDATE counter SET n = n + 10 WHERE id = 1;
COMMIT;
ALTER TABLE pet RENAME COLUMN name TO nick;
ALTER TABLE pet RENAME TO animal;
UPDATE counter SET n = n + 100 WHERE id = 1;
INSERT INTO animal SELECT n, 'pet ' || n FROM generate_series(2, 100) n;
CREATE VIEW names AS SELECT nick FROM animal;
COMMENT ON TABLE animal IS 'what lives here';
DROP VIEW names;
ALTER TABLE animal DROP COLUMN nick, ADD COLUMN old bool;
WITH moved AS (DELETE FROM animal WHERE id > 50 RETURNING id) UPDATE counter SET n = n + (SELECT count(*) FROM moved) WHERE id = 2;
SELECT count(*) FROM animal;
ANALYZE animal;
DROP TABLE animal;
UPDATE counter SET n = n + 1000 WHERE id = 1;
--- check
SELECT id, n FROM counter ORDER BY id;
= 1|1111
= 2|50
SELECT to_regclass('pet'), to_regclass('animal');
= NULL|NULL
