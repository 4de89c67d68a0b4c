Tables emptied, children first, with quoted names and more rows than one transaction may change.
--- setup
CREATE TABLE "the owner" (id bigint PRIMARY KEY);
CREATE TABLE pet ("the id" bigint, n bigint, owner bigint REFERENCES "the owner" (id), PRIMARY KEY ("the id", n));
CREATE TABLE kept (id bigint PRIMARY KEY);
INSERT INTO "the owner" SELECT n FROM generate_series(1, 1200) n;
INSERT INTO pet SELECT n, -n, n % 1200 + 1 FROM generate_series(1, 3000) n;
INSERT INTO pet SELECT n, -n, n % 1200 + 1 FROM generate_series(3001, 4100) n;
INSERT INTO kept VALUES (1);
--- script
TRUNCATE TABLE pet, "the owner";
--- check
SELECT (SELECT count(*) FROM "the owner"), (SELECT count(*) FROM pet), (SELECT count(*) FROM kept);
= 0|0|1
