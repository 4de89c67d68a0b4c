ALTER TABLE "cake" ALTER COLUMN "bakery_id" DROP NOT NULL;
DELETE FROM "bakery" WHERE "name" = 'Sea Side';
DELETE FROM "seaql_migrations" WHERE "version" = 'm20221120_000001_seed_bakeries';
