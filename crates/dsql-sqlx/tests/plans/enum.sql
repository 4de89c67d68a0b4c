A type of words becomes a domain, for a new table and for a table with rows.
--- setup
CREATE TABLE pet (id bigint PRIMARY KEY, name text);
INSERT INTO pet VALUES (1, 'Leo'), (2, 'Basil');
--- script
CREATE TYPE species AS ENUM ('cat', 'dog', 'bird''s');
CREATE TABLE visit (id bigint PRIMARY KEY, what species NOT NULL);
ALTER TABLE pet ADD COLUMN what species DEFAULT 'cat';
INSERT INTO visit VALUES (1, 'dog'), (2, 'bird''s');
--- check
SELECT id, name, what FROM pet ORDER BY id;
= 1|Leo|cat
= 2|Basil|cat
SELECT id, what FROM visit ORDER BY id;
= 1|dog
= 2|bird's
