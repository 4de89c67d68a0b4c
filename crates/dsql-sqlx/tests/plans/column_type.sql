The type of a column, by an expression, and what of the same table goes with it.
--- setup
CREATE TABLE visit (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    n int NOT NULL,
    paid text NOT NULL DEFAULT 'no',
    price text
);
CREATE INDEX ASYNC visit_paid ON visit (paid);
INSERT INTO visit (n, paid, price) SELECT n, CASE WHEN n % 2 = 0 THEN 'yes' ELSE 'no' END, n || '.50' FROM generate_series(1, 2500) n;
--- script
ALTER TABLE visit ALTER paid DROP DEFAULT,
    ALTER paid TYPE boolean USING visit.paid = 'yes',
    ALTER paid SET DEFAULT false,
    ALTER COLUMN price TYPE numeric(10, 2) USING price::numeric,
    ALTER COLUMN price SET NOT NULL;
ALTER TABLE visit ALTER n TYPE bigint;
INSERT INTO visit (n, price) VALUES (3000000000, 1);
--- check
SELECT count(*), count(*) FILTER (WHERE paid), sum(price), count(DISTINCT id) FROM visit WHERE n <= 2500;
= 2500|1250|3127500.00|2500
SELECT paid, price FROM visit WHERE n > 2500;
= f|1.00
SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute WHERE attrelid = 'visit'::regclass AND attnum > 0 ORDER BY attnum;
= id|uuid|t
= n|bigint|t
= paid|boolean|t
= price|numeric(10,2)|t
SELECT indexrelid::regclass::text, indisvalid FROM pg_index WHERE indrelid = 'visit'::regclass ORDER BY 1;
= visit_paid|t
= visit_pkey|t
