BEGIN;

-- Running upgrade 0009 -> 0010

CREATE TYPE discount_kind AS ENUM ('percent', 'amount');

CREATE TABLE discount (
    code VARCHAR(20) NOT NULL, 
    kind discount_kind DEFAULT 'percent' NOT NULL, 
    value NUMERIC(6, 2) NOT NULL, 
    valid TSTZRANGE, 
    PRIMARY KEY (code)
);

ALTER TABLE discount ADD CONSTRAINT ck_discount_value CHECK (value > 0);

ALTER TABLE "order" ADD COLUMN discount_code VARCHAR(20);

ALTER TABLE "order" ADD FOREIGN KEY(discount_code) REFERENCES discount (code);

UPDATE alembic_version SET version_num='0010' WHERE alembic_version.version_num = '0009';

COMMIT;

