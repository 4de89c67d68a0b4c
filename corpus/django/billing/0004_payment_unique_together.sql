BEGIN;
--
-- Add field reference to payment
--
ALTER TABLE "billing_payment" ADD COLUMN "reference" varchar(40) NULL UNIQUE;
--
-- Add field amount to payment
--
ALTER TABLE "billing_payment" ADD COLUMN "amount" numeric(10, 2) DEFAULT 0 NOT NULL;
ALTER TABLE "billing_payment" ALTER COLUMN "amount" DROP DEFAULT;
--
-- Alter field method on payment
--
CREATE INDEX "billing_payment_method_f6719897" ON "billing_payment" ("method");
CREATE INDEX "billing_payment_method_f6719897_like" ON "billing_payment" ("method" varchar_pattern_ops);
--
-- Alter field ip on payment
--
ALTER TABLE "billing_payment" ALTER COLUMN "ip" TYPE varchar(39) USING "ip"::varchar(39);
CREATE INDEX "billing_payment_reference_8931e90f_like" ON "billing_payment" ("reference" varchar_pattern_ops);
COMMIT;
