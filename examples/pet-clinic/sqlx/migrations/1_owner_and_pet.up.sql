CREATE TABLE owner (
    id bigserial PRIMARY KEY,
    name varchar(80) NOT NULL,
    email varchar(120) NOT NULL UNIQUE
);

CREATE TABLE pet (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    owner_id bigint NOT NULL REFERENCES owner (id),
    name varchar(80) NOT NULL
);
