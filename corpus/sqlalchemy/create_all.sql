CREATE SCHEMA intern;

CREATE TYPE colour AS ENUM ('black', 'white', 'red');

CREATE TABLE supplier (
	id SERIAL NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	rating DOUBLE PRECISION, 
	contract BYTEA, 
	active BOOLEAN DEFAULT true NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);

COMMENT ON TABLE supplier IS 'Who delivers';

CREATE TABLE employee (
	id INTEGER GENERATED ALWAYS AS IDENTITY, 
	login CITEXT NOT NULL, 
	manager_id INTEGER, 
	department_id INTEGER, 
	address INET, 
	PRIMARY KEY (id), 
	UNIQUE (login)
);

CREATE TABLE part (
	id UUID DEFAULT gen_random_uuid() NOT NULL, 
	supplier_id INTEGER NOT NULL, 
	number VARCHAR(30) NOT NULL, 
	name TEXT NOT NULL, 
	colour colour NOT NULL, 
	weight NUMERIC(8, 3) NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	lead_time INTERVAL, 
	tags VARCHAR[] DEFAULT '{}' NOT NULL, 
	extra JSONB DEFAULT '{}' NOT NULL, 
	gross NUMERIC(8, 3) GENERATED ALWAYS AS (weight * 1.1) STORED NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_part_number UNIQUE (supplier_id, number), 
	CONSTRAINT ck_part_weight CHECK (weight > 0), 
	FOREIGN KEY(supplier_id) REFERENCES supplier (id) ON DELETE CASCADE
);

CREATE INDEX ix_part_name_pattern ON part (name text_pattern_ops);

CREATE INDEX ix_part_made ON part USING brin (made_at);

CREATE INDEX ix_part_supplier_id ON part (supplier_id);

CREATE SEQUENCE purchase_no_seq START WITH 5000;

CREATE TABLE purchase (
	no BIGINT NOT NULL, 
	supplier_id INTEGER NOT NULL, 
	ordered_on DATE DEFAULT CURRENT_DATE NOT NULL, 
	state VARCHAR(8) NOT NULL, 
	PRIMARY KEY (no), 
	FOREIGN KEY(supplier_id) REFERENCES supplier (id), 
	CONSTRAINT purchase_state CHECK (state IN ('open', 'received', 'closed'))
);

CREATE TABLE department (
	id SERIAL NOT NULL, 
	head_id INTEGER, 
	name VARCHAR(50) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(head_id) REFERENCES employee (id)
);

CREATE TABLE part_fits (
	part_id UUID NOT NULL, 
	other_id UUID NOT NULL, 
	PRIMARY KEY (part_id, other_id), 
	FOREIGN KEY(part_id) REFERENCES part (id), 
	FOREIGN KEY(other_id) REFERENCES part (id)
);

CREATE TABLE purchase_line (
	purchase_no BIGINT NOT NULL, 
	line SMALLINT NOT NULL, 
	part_id UUID NOT NULL, 
	quantity INTEGER NOT NULL, 
	price NUMERIC(10, 2) NOT NULL, 
	PRIMARY KEY (purchase_no, line), 
	FOREIGN KEY(purchase_no) REFERENCES purchase (no) ON DELETE CASCADE, 
	FOREIGN KEY(part_id) REFERENCES part (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE intern.note (
	id BIGSERIAL NOT NULL, 
	body TEXT NOT NULL, 
	at TIMESTAMP WITHOUT TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL, 
	part_id UUID, 
	PRIMARY KEY (id), 
	FOREIGN KEY(part_id) REFERENCES part (id) ON DELETE SET NULL
);

COMMENT ON COLUMN intern.note.body IS 'markdown, it''s rendered later';

ALTER TABLE employee ADD CONSTRAINT fk_employee_manager FOREIGN KEY(manager_id) REFERENCES employee (id);

ALTER TABLE employee ADD CONSTRAINT fk_employee_department FOREIGN KEY(department_id) REFERENCES department (id);
