ALTER TABLE "cake" ALTER COLUMN "name" TYPE text, ALTER COLUMN "name" SET NOT NULL;
ALTER TABLE "order" ALTER COLUMN "total" TYPE money USING total::money;
DELETE FROM "seaql_migrations" WHERE "version" = 'm20220722_000001_total_as_decimal';
