BEGIN;

-- Running upgrade 0017 -> 0018

ALTER TABLE review ADD COLUMN helpful INTEGER DEFAULT '0' NOT NULL;

ALTER TABLE review ADD COLUMN moderated BOOLEAN;

UPDATE review SET moderated = false;

ALTER TABLE review ALTER COLUMN moderated SET NOT NULL;

CREATE INDEX ix_review_pending ON review (product_id) INCLUDE (stars) WHERE NOT moderated;

ALTER TABLE stock ADD CONSTRAINT uq_stock_product_once UNIQUE (product_id, warehouse);

UPDATE alembic_version SET version_num='0018' WHERE alembic_version.version_num = '0017';

COMMIT;

