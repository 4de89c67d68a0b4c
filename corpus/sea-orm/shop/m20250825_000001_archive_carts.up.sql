CREATE TABLE archived_order AS SELECT * FROM "order" WHERE status = 'cart' AND placed_at < '2023-01-01';
ALTER TABLE archived_order ADD PRIMARY KEY (id);
DELETE FROM "order" WHERE status = 'cart' AND placed_at < '2023-01-01';
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20250825_000001_archive_carts', 1702500000);
