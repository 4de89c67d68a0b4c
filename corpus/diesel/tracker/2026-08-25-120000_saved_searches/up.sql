CREATE TABLE saved_searches (
    id SERIAL NOT NULL,
    user_id INTEGER NOT NULL,
    name VARCHAR(80) NOT NULL,
    query JSONB NOT NULL,
    shared BOOLEAN NOT NULL DEFAULT FALSE
);
ALTER TABLE saved_searches ADD CONSTRAINT saved_searches_pkey PRIMARY KEY (id);
ALTER TABLE saved_searches ADD CONSTRAINT saved_searches_user_name UNIQUE (user_id, name);
ALTER TABLE saved_searches ADD CONSTRAINT saved_searches_user_fk FOREIGN KEY (user_id) REFERENCES users (id);
GRANT SELECT ON saved_searches TO reporting;
