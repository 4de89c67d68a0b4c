Constraints that rows are checked for: UNIQUE, CHECK, a foreign key, NOT NULL.
--- setup
CREATE TABLE owner (id bigint PRIMARY KEY);
CREATE TABLE pet (id bigint PRIMARY KEY, chip text, age int, owner_id bigint);
INSERT INTO owner SELECT n FROM generate_series(1, 10) n;
INSERT INTO pet SELECT n, 'chip ' || n, n % 20, n % 10 + 1 FROM generate_series(1, 500) n;
--- script
ALTER TABLE pet ADD CONSTRAINT pet_chip UNIQUE (chip);
ALTER TABLE ONLY pet ADD CONSTRAINT pet_age CHECK (age >= 0);
ALTER TABLE pet ADD CONSTRAINT pet_owner FOREIGN KEY (owner_id) REFERENCES owner (id) ON DELETE CASCADE;
ALTER TABLE pet ALTER COLUMN owner_id SET NOT NULL;
--- check
SELECT count(*), sum(age), count(DISTINCT chip), sum(owner_id) FROM pet;
= 500|4750|500|2750
SELECT conname, convalidated FROM pg_constraint WHERE conrelid = 'pet'::regclass AND contype <> 'n' ORDER BY 1;
= pet_age|t
= pet_chip|t
= pet_owner|t
= pet_owner_id_not_null|t
= pet_pkey|t
