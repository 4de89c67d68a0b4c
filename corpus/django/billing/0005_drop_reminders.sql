BEGIN;
--
-- Raw SQL operation
--
INSERT INTO billing_payment (received_at, method, invoice_id, amount) SELECT paid_at, 'legacy', id, total FROM billing_invoice WHERE paid_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM billing_payment p WHERE p.invoice_id = billing_invoice.id);
--
-- Delete model Reminder
--
DROP TABLE "billing_reminder" CASCADE;
--
-- Remove field paid_at from invoice
--
ALTER TABLE "billing_invoice" DROP COLUMN "paid_at" CASCADE;
COMMIT;
