CREATE TYPE "payment_method" AS ENUM ('card', 'transfer', 'voucher');
CREATE TABLE IF NOT EXISTS "payment" ( "id" uuid NOT NULL PRIMARY KEY, "order_id" bigint NOT NULL, "method" payment_method NOT NULL, "amount" decimal(12, 2) NOT NULL, "provider_data" json, "client_ip" inet, "paid_at" timestamp with time zone NOT NULL, CONSTRAINT "fk-payment-order_id" FOREIGN KEY ("order_id") REFERENCES "order" ("id") );
CREATE OR REPLACE FUNCTION mark_paid() RETURNS trigger AS $$
BEGIN
    UPDATE "order" SET status = 'paid' WHERE id = NEW.order_id;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER payment_marks_order AFTER INSERT ON payment FOR EACH ROW EXECUTE FUNCTION mark_paid();
INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ('m20231002_000001_payment', 1685000000);
