DROP TABLE custom_values;
DROP TABLE custom_fields;
DROP TYPE field_kind;
