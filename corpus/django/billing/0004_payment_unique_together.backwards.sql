BEGIN;
--
-- Alter field ip on payment
--
ALTER TABLE "billing_payment" ALTER COLUMN "ip" TYPE inet USING "ip"::inet;
--
-- Alter field method on payment
--
DROP INDEX IF EXISTS "billing_payment_method_f6719897";
DROP INDEX IF EXISTS "billing_payment_method_f6719897_like";
--
-- Add field amount to payment
--
ALTER TABLE "billing_payment" DROP COLUMN "amount" CASCADE;
--
-- Add field reference to payment
--
ALTER TABLE "billing_payment" DROP COLUMN "reference" CASCADE;
COMMIT;
