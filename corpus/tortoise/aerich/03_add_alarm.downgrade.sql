DROP INDEX IF EXISTS "uid_account_phone_9b3340";
ALTER TABLE "account" DROP COLUMN "phone";
ALTER TABLE "account" DROP COLUMN "timezone";
ALTER TABLE "account" DROP COLUMN "active";
DROP TABLE IF EXISTS "alarm";
