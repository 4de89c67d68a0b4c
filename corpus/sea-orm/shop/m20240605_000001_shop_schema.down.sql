DROP TABLE "stock"."recipe";
DROP TABLE "stock"."ingredient" CASCADE;
DELETE FROM "seaql_migrations" WHERE "version" = 'm20240605_000001_shop_schema';
