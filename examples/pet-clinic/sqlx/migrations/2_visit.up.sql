CREATE TABLE visit (
    id bigserial PRIMARY KEY,
    pet_id uuid NOT NULL REFERENCES pet (id),
    reason text NOT NULL
);

CREATE INDEX visit_pet ON visit (pet_id);

ALTER TABLE pet ADD COLUMN visits integer NOT NULL DEFAULT 0;
