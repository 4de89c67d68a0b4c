-- One account an address, however it is spelled.
ALTER TABLE users DROP CONSTRAINT users_email_key;
CREATE UNIQUE INDEX users_email_lower ON users (lower(email));
