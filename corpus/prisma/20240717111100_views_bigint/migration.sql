-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "views" SET DATA TYPE BIGINT;

-- AlterTable
ALTER TABLE "User" DROP COLUMN "createdAt",
ADD COLUMN     "lastLogin" TIMESTAMPTZ(6);
