DROP TRIGGER payment_marks_order ON payment;
DROP FUNCTION mark_paid();
DROP TABLE IF EXISTS "payment";
DROP TYPE "payment_method";
DELETE FROM "seaql_migrations" WHERE "version" = 'm20231002_000001_payment';
