A table without a primary key is filled and emptied without pages.
--- setup
CREATE TABLE log (line text);
CREATE TABLE old_log (line text);
INSERT INTO log SELECT 'line ' || n FROM generate_series(1, 2500) n;
INSERT INTO old_log SELECT 'line ' || n FROM generate_series(1, 1500) n;
--- script
ALTER TABLE log ADD COLUMN level text DEFAULT 'info';
TRUNCATE old_log;
--- check
SELECT count(*), count(DISTINCT line), count(*) FILTER (WHERE level = 'info') FROM log;
= 2500|2500|2500
SELECT count(*) FROM old_log;
= 0
