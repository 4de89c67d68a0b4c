-- CreateIndex
CREATE INDEX "Article_title_idx" ON "Article" USING HASH ("title");

-- CreateIndex
CREATE INDEX "Comment_meta_idx" ON "Comment" USING GIN ("meta" jsonb_path_ops);

-- RenameIndex
ALTER INDEX "Article_authorId_updatedAt_idx" RENAME TO "Article_author_updated";
