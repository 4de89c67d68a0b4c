BEGIN;
--
-- Alter field amount on invoiceline
--
ALTER TABLE "billing_invoiceline" ALTER COLUMN "amount" TYPE numeric(10, 2) USING "amount"::numeric(10, 2);
--
-- Add field quantity to invoiceline
--
ALTER TABLE "billing_invoiceline" ADD COLUMN "quantity" smallint DEFAULT 1 NOT NULL CHECK ("quantity" >= 0);
ALTER TABLE "billing_invoiceline" ALTER COLUMN "quantity" DROP DEFAULT;
--
-- Alter field id on invoiceline
--
ALTER TABLE "billing_invoiceline" ALTER COLUMN "id" TYPE bigint USING "id"::bigint;
ALTER SEQUENCE IF EXISTS "billing_invoiceline_id_seq" AS bigint;
COMMIT;
