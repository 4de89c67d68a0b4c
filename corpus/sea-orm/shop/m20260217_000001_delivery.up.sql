CREATE TABLE IF NOT EXISTS "delivery" ( "id" uuid NOT NULL PRIMARY KEY, "order_id" bigint NOT NULL UNIQUE, "window" tstzrange, "weight_grams" bigint, "route" point );
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20260217_000001_delivery', 1705000000);
