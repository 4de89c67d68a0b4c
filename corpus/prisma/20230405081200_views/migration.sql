-- AlterTable
ALTER TABLE "Article" ADD COLUMN     "slug" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "views" INTEGER NOT NULL DEFAULT 0;

-- CreateIndex
CREATE UNIQUE INDEX "Article_slug_key" ON "Article"("slug");
