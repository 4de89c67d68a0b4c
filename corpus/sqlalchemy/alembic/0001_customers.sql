BEGIN;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

CREATE TABLE customer (
    id SERIAL NOT NULL, 
    email VARCHAR(254) NOT NULL, 
    full_name VARCHAR(120) NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    CONSTRAINT pk_customer PRIMARY KEY (id), 
    CONSTRAINT uq_customer_email UNIQUE (email)
);

CREATE INDEX ix_customer_full_name ON customer (full_name);

INSERT INTO alembic_version (version_num) VALUES ('0001') RETURNING alembic_version.version_num;

COMMIT;

