DELETE FROM "seaql_migrations" WHERE "version" = 'm20250113_000001_status_text';
