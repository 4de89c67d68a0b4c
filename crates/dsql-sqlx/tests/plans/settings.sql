What a script sets on its session holds for what follows, also on another connection.
--- setup
CREATE TABLE events (id bigint PRIMARY KEY, at timestamptz, day text);
--- script
SET timezone = 'Asia/Tokyo';
INSERT INTO events VALUES (1, '2026-01-01 00:00:00');
SET datestyle = 'SQL, DMY';
CREATE TABLE other (id bigint PRIMARY KEY);
INSERT INTO events SELECT 2, at, at::text FROM events WHERE id = 1;
SELECT pg_catalog.set_config('timezone', 'UTC', false);
INSERT INTO events VALUES (3, '2026-01-01 00:00:00');
RESET datestyle;
INSERT INTO events SELECT 4, at, at::text FROM events WHERE id = 3;
--- check
SELECT id, extract(epoch FROM at)::bigint, day FROM events ORDER BY id;
= 1|1767193200|NULL
= 2|1767193200|01/01/2026 00:00:00 JST
= 3|1767225600|NULL
= 4|1767225600|2026-01-01 00:00:00+00
