BEGIN;

-- Running upgrade 0008 -> 0009

ALTER TYPE order_state ADD VALUE IF NOT EXISTS 'refunded';

ALTER TABLE "order" ADD COLUMN refund_reason TEXT;

UPDATE alembic_version SET version_num='0009' WHERE alembic_version.version_num = '0008';

COMMIT;

