BEGIN;
--
-- Alter field id on invoiceline
--
ALTER TABLE "billing_invoiceline" ALTER COLUMN "id" TYPE integer USING "id"::integer;
ALTER SEQUENCE IF EXISTS "billing_invoiceline_id_seq" AS integer;
--
-- Add field quantity to invoiceline
--
ALTER TABLE "billing_invoiceline" DROP COLUMN "quantity" CASCADE;
--
-- Alter field amount on invoiceline
--
ALTER TABLE "billing_invoiceline" ALTER COLUMN "amount" TYPE double precision USING "amount"::double precision;
COMMIT;
