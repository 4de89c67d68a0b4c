ALTER TABLE employee DROP CONSTRAINT fk_employee_manager;

ALTER TABLE employee DROP CONSTRAINT fk_employee_department;

DROP TABLE intern.note;

DROP TABLE purchase_line;

DROP TABLE part_fits;

DROP TABLE department;

DROP TABLE purchase;

DROP TABLE part;

DROP TABLE employee;

DROP TABLE supplier;

DROP SEQUENCE purchase_no_seq;

DROP TYPE colour;
