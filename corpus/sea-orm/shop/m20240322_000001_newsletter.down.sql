ALTER TABLE "customer" DROP COLUMN "referred_by";
ALTER TABLE "customer" DROP COLUMN "unsubscribed_at";
ALTER TABLE "customer" DROP COLUMN "newsletter";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20240322_000001_newsletter';
