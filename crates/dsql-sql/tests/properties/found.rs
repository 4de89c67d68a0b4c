//! What the fuzz targets and the made-up scripts have found, cut short.

use dsql_sql::Options;
use dsql_sql_oracle::{lint, split, translate};

fn holds(script: &str) {
    let options = Options::default();
    assert_eq!(split(script), Ok(()));
    assert_eq!(translate(script, &options), Ok(()));
    assert_eq!(lint(script, &options), Ok(()));
}

#[test]
fn a_lock_whose_of_reads_as_another_lock() {
    holds("SELECT * FROM pet FOR UPDATE OF FOR UPDATE OF p, visit");
}

#[test]
fn a_constraint_without_its_name() {
    holds("ALTER TABLE pet ADD CONSTRAINT  UNIQUE USI UUIEX i DEFERRABLE");
}

#[test]
fn a_key_whose_columns_are_no_names() {
    holds("ALTER TABLE visit ADD CONSTRAINT v FOREIGN KEY (SAVEPOINT ENCES vet (id) NOT VALID");
}

#[test]
fn a_table_made_by_a_query_that_cannot_be_read() {
    holds("CREATE TABLE t (a) AS \0CREATE TABLE t (doc jsonb) VALUES (1) WITH NO DATA");
}

#[test]
fn a_place_inside_a_transaction_that_comes_before_another() {
    holds(
        "BEGIN;\nCREATE TABLE a (b serial);\n\nCREATE TABLE c (\n  d int,\n  e serial);\nCOMMIT;",
    );
}

#[test]
fn a_key_that_moved_into_a_table_that_cannot_be_had() {
    holds(
        "CREATE TABLE token (id uuid PRIMARY KEY, hash bytea NOT NULL, scopes text[]);\n\
         ALTER TABLE ONLY token ADD CONSTRAINT token_hash_key UNIQUE (hash);",
    );
}

#[test]
fn rows_of_a_table_that_cannot_be_had() {
    holds(
        "CREATE TABLE token (id uuid PRIMARY KEY, hash bytea UNIQUE, scopes text[]);\n\
         INSERT INTO token VALUES ('3f2504e0-4f89-41d3-9a0c-0305e82c3301', 'x', '{read}');",
    );
}

#[test]
fn two_statements_alike_after_one_that_cannot_be_had() {
    holds("CREATE TABLE t (a int);\nALTER TYPE m ADD VALUE 'c';\nDELETE FROM t;\nDELETE FROM t");
}

#[test]
fn a_value_that_an_enum_has_already() {
    holds("CREATE TYPE mood AS ENUM ('sad'); ALTER TYPE mood ADD VALUE 'sad'");
}

#[test]
fn a_type_that_changes_twice() {
    holds(
        "CREATE TABLE t (a int NOT NULL, b text);\n\
         ALTER TABLE t ALTER a TYPE bigint /* wide */ USING a::bigint;\n\
         ALTER TABLE t ALTER a TYPE numeric(9) -- wider\n;",
    );
}

#[test]
fn a_column_that_is_made_not_null_twice_before_it_counts() {
    holds(
        "CREATE TABLE t (a int NOT NULL);\nCREATE SEQUENCE t_a_seq OWNED BY t.a;\n\
         ALTER TABLE t ALTER a SET NOT NULL;\n\
         ALTER TABLE ONLY t ALTER COLUMN a SET DEFAULT nextval('t_a_seq'::regclass)",
    );
}

#[test]
fn a_column_that_is_added_without_its_name() {
    holds("ALTER TABLE visit ADD FORA KEY (vet) REFERENCES vet (id), ADD +OLUMN b int");
}

#[test]
fn a_bracket_left_open_that_hides_where_the_statement_ends() {
    holds("CREATE TABLE a (id serial(PRIMARY KEY (id));\nCREATE TABLE b");
}

#[test]
fn a_clause_that_is_left_out_after_a_line_comment() {
    holds("CREATE TABLE t (a -- ; ' (\nsmallint -- ; ' (\nCOLLATE \"C\");\nSELECT 1");
}
