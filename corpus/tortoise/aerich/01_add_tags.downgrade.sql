DROP TABLE IF EXISTS "sensor_tag";
ALTER TABLE "reading" DROP COLUMN "quality";
ALTER TABLE "reading" DROP COLUMN "payload";
DROP TABLE IF EXISTS "sensor_tag";
DROP TABLE IF EXISTS "tag";
