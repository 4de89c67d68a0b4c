DELETE FROM "seaql_migrations" WHERE "version" = 'm20221011_000001_status_refunded';
