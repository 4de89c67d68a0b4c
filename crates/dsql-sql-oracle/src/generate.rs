//! Scripts to try: well formed ones that the service refuses parts of, dumps,
//! every way of hiding a semicolon, scripts of [`seeds`] with something
//! changed, and words in any order.

use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use dsql_sql::Options;

use crate::seeds;

/// Any script.
pub fn any_script() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => any::<String>(),
        3 => soup(),
        4 => ddl(),
        3 => dump(),
        3 => quoted(),
        4 => table(),
        6 => mutated(),
    ]
}

/// Any options.
pub fn any_options() -> impl Strategy<Value = Options> {
    any::<u8>().prop_map(crate::options)
}

/// Seeds as they are.
pub fn seed() -> impl Strategy<Value = &'static str> {
    any::<Index>().prop_map(|index| index.get(short_seeds()).as_str())
}

/// Long ones would only take long.
fn short_seeds() -> &'static [String] {
    static SEEDS: OnceLock<Vec<String>> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let mut seeds = seeds::scripts();
        seeds.retain(|script| script.len() < 4_000);
        seeds
    })
}

/// A seed with a few tokens left out, doubled, swapped or taken from another.
pub fn mutated() -> impl Strategy<Value = String> {
    let change = (0..5u8, any::<Index>(), any::<Index>());
    let changes = prop::collection::vec(change, 0..5);
    (seed(), seed(), changes).prop_map(|(script, other, changes)| {
        let mut tokens = tokens(script);
        let others = self::tokens(other);
        for (change, at, from) in changes {
            if tokens.is_empty() || others.is_empty() {
                break;
            }
            let at = at.index(tokens.len());
            match change {
                0 => drop(tokens.remove(at)),
                1 => tokens.insert(at, others[from.index(others.len())]),
                2 => tokens[at] = others[from.index(others.len())],
                3 => {
                    let with = from.index(tokens.len());
                    tokens.swap(at, with);
                }
                _ => {
                    let doubled: Vec<_> = tokens[at..].iter().take(8).copied().collect();
                    tokens.splice(at..at, doubled);
                }
            }
        }
        tokens.concat()
    })
}

/// Words, runs of spaces, and all other characters one by one.
fn tokens(script: &str) -> Vec<&str> {
    let class = |c: char| {
        if c.is_alphanumeric() || c == '_' {
            1
        } else if c.is_whitespace() {
            2
        } else {
            0
        }
    };
    let mut tokens = Vec::new();
    let mut rest = script;
    while let Some(first) = rest.chars().next() {
        let class_of_first = class(first);
        let end = if class_of_first == 0 {
            first.len_utf8()
        } else {
            rest.find(|c| class(c) != class_of_first)
                .unwrap_or(rest.len())
        };
        let (token, after) = rest.split_at(end);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// Everything that hides a semicolon, and everything that looks as if it did.
pub fn quoted() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "SELECT 1",
        "SELECT 'a;''b'",
        "SELECT E'a\\';b'",
        "SELECT E'a' 'b;'",
        "SELECT E'a'\n  'b\\';'",
        "SELECT U&'d\\0061;' UESCAPE '!'",
        "SELECT B'01', X'1F', N'x;'",
        "SELECT \"a;\"\"b\" FROM U&\"d\\0061;t\"",
        "SELECT $$;$$",
        "SELECT $a$;$b$;$$;$a$",
        "SELECT $é1$;'$é1$",
        "SELECT a$b$c, $1, x$",
        "SELECT 1 -- ; ' /*",
        "SELECT 1 /* ; /* ' */ ; -- */ + 1",
        "SELECT (SELECT 1; SELECT 2)",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b)",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END AS end; SELECT 2; END",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $f$ SELECT 1; $f$",
        "CREATE PROCEDURE p() BEGIN ATOMIC END",
        "DO $$ BEGIN PERFORM 1; END $$",
        "COPY t FROM stdin;\n1\t;'\n\\.\n",
        "COPY t (a) FROM STDIN WITH (FORMAT csv);\n\\.\n",
        "COPY t TO stdout",
        "\\restrict k;y",
        "\n\\connect db\n",
        "INSERT INTO público (ñ, 名) VALUES ('é;', '名')",
        "BEGIN",
        "END",
        "CASE",
        "'",
        "\"",
        "$$",
        "$t$",
        "/*",
        "*/",
        "--",
        "E'",
        "(",
        ")",
        "\\",
        "\0",
    ];
    let end = select(
        &[
            ";", ";\n", ";\n", " ;\r\n", "\n", " ", ";;", "; -- c\n", "/* ; */;",
        ][..],
    );
    prop::collection::vec((select(PIECES), end), 0..8).prop_map(|parts| {
        parts
            .into_iter()
            .flat_map(|(piece, end)| [piece, end])
            .collect()
    })
}

/// One CREATE TABLE with anything that PostgreSQL has for it, and indexes on
/// it.
pub fn table() -> impl Strategy<Value = String> {
    let name = select(&["t", "s.t", "\"T t\"", "\"s;\".\"a\"\"b\"", "名", "T1$"][..]);
    let kind = select(
        &[
            "smallint",
            "int4",
            "BigInt",
            "serial",
            "bigserial",
            "smallserial",
            "numeric(10, 2)",
            "numeric",
            "decimal(1000,10)",
            "real",
            "double precision",
            "money",
            "text",
            "character varying(20)",
            "varchar",
            "char(3)",
            "\"char\"",
            "name",
            "bytea",
            "timestamp(3) without time zone",
            "timestamp with time zone",
            "timestamptz",
            "date",
            "time",
            "interval year to month",
            "interval(3)",
            "boolean",
            "uuid",
            "json",
            "jsonb",
            "xml",
            "inet",
            "cidr",
            "macaddr",
            "point",
            "tsvector",
            "bit(3)",
            "bit varying(4)",
            "int[]",
            "text[3][]",
            "int ARRAY",
            "int ARRAY[4]",
            "int4range",
            "public.mood",
            "\"Mood\"",
            "pg_catalog.int4",
            "citext",
            "vector(3)",
            "SETOF int",
            "t.a%TYPE",
        ][..],
    );
    let value = select(
        &[
            "0",
            "-1.5e3",
            "'x'",
            "'{}'::int[]",
            "now()",
            "CURRENT_TIMESTAMP",
            "gen_random_uuid()",
            "nextval('s')",
            "NULL",
            "E'a\\'b'",
            "$$x$$",
            "ARRAY[1,2]",
            "(1 + 2)",
            "true",
            "'2020-01-01'::date",
            "lower('A')",
            "interval '1 day'",
            "CASE WHEN true THEN 1 ELSE 2 END",
            "ROW(1,2)",
            "a.b",
            "'x' COLLATE \"C\"",
        ][..],
    );
    let constraint = prop_oneof![
        value.clone().prop_map(|value| format!("DEFAULT {value}")),
        value
            .clone()
            .prop_map(|value| format!("CHECK ({value} IS NOT NULL)")),
        value
            .clone()
            .prop_map(|value| format!("GENERATED ALWAYS AS ({value}) STORED")),
        select(
            &[
                "NOT NULL",
                "NULL",
                "UNIQUE",
                "PRIMARY KEY",
                "UNIQUE NULLS NOT DISTINCT",
                "CONSTRAINT n NOT NULL",
                "CONSTRAINT \"k;\" CHECK (a > 0) NO INHERIT",
                "GENERATED ALWAYS AS IDENTITY",
                "GENERATED BY DEFAULT AS IDENTITY (START WITH 5 INCREMENT BY 2 CACHE 1)",
                "COLLATE \"C\"",
                "COLLATE pg_catalog.\"de_DE\"",
                "STORAGE EXTENDED",
                "COMPRESSION lz4",
                "REFERENCES o",
                "REFERENCES s.o (id) MATCH FULL ON DELETE SET NULL ON UPDATE CASCADE",
                "REFERENCES o (id) DEFERRABLE INITIALLY DEFERRED",
                "DEFERRABLE",
                "NOT DEFERRABLE INITIALLY IMMEDIATE",
                "UNIQUE USING INDEX TABLESPACE x",
                "UNIQUE WITH (fillfactor = 70)",
                "OPTIONS (a 'b')",
            ][..],
        )
        .prop_map(str::to_owned),
    ];
    let gap = select(&[" ", " ", " ", "\n\t", " /* c; ' */ ", " -- ; ' (\n", "/**/"][..]);
    let column = (
        select(
            &[
                "a",
                "b",
                "\"C d\"",
                "order_id",
                "ñ",
                "type",
                "\"select\"",
                "c1",
            ][..],
        ),
        kind,
        prop::collection::vec(constraint, 0..4),
        gap.clone(),
    )
        .prop_map(|(column, kind, constraints, gap)| {
            format!("{column}{gap}{kind}{gap}{}", constraints.join(gap))
        });
    let item = select(
        &[
            "UNIQUE (a, b)",
            "PRIMARY KEY (a)",
            "CONSTRAINT \"p k\" PRIMARY KEY (a, \"C d\") INCLUDE (b)",
            "CHECK (a > b AND b <> ';')",
            "CONSTRAINT c CHECK (a IN (1, 2)) NOT VALID",
            "FOREIGN KEY (a, b) REFERENCES s.o (x, y) ON DELETE CASCADE",
            "FOREIGN KEY (a) REFERENCES o NOT VALID",
            "EXCLUDE USING gist (a WITH &&)",
            "EXCLUDE (a WITH =) WHERE (b > 0)",
            "LIKE other INCLUDING ALL",
            "UNIQUE NULLS NOT DISTINCT (b)",
            "UNIQUE (a) DEFERRABLE INITIALLY DEFERRED",
            "CONSTRAINT x NOT NULL a",
        ][..],
    )
    .prop_map(str::to_owned);
    let item = prop_oneof![4 => column.clone(), 1 => item];
    let clause = select(
        &[
            "",
            "",
            "",
            "",
            "WITH (fillfactor = 70)",
            "TABLESPACE x",
            "INHERITS (p)",
            "PARTITION BY RANGE (a)",
            "USING heap",
            "ON COMMIT DROP",
            "WITHOUT OIDS",
        ][..],
    );
    let head = select(
        &[
            "CREATE TABLE",
            "CREATE TABLE",
            "create table",
            "CREATE TABLE IF NOT EXISTS",
            "CREATE TEMP TABLE",
            "CREATE UNLOGGED TABLE",
            "CREATE FOREIGN TABLE",
            "CREATE/**/TABLE",
        ][..],
    );
    let index = select(
        &[
            "CREATE INDEX ON",
            "CREATE UNIQUE INDEX i ON",
            "CREATE INDEX ASYNC i ON",
            "CREATE INDEX CONCURRENTLY ON ONLY",
            "CREATE INDEX IF NOT EXISTS \"i;j\" ON",
        ][..],
    );
    let key = select(
        &[
            "(a)",
            "USING btree (a DESC NULLS LAST, b)",
            "USING gin (b jsonb_path_ops)",
            "(lower(a)) WHERE b IS NULL",
            "(a COLLATE \"C\" text_pattern_ops) INCLUDE (b, \"C d\")",
            "USING hash (a) WITH (fillfactor = 50)",
            "((a->>'x')) TABLESPACE y",
            "(a) NULLS NOT DISTINCT",
        ][..],
    );
    let add = (
        select(&["ADD", "ADD COLUMN", "ADD COLUMN IF NOT EXISTS"][..]),
        column,
    )
        .prop_map(|(add, column)| format!("{add} {column}"));
    let change = select(
        &[
            "ALTER a TYPE bigint USING a::bigint",
            "ALTER COLUMN b SET DATA TYPE varchar(40) COLLATE \"C\"",
            "ALTER a SET NOT NULL",
            "ALTER a DROP NOT NULL",
            "ALTER b SET DEFAULT now()",
            "ALTER b DROP DEFAULT",
            "ALTER a ADD GENERATED ALWAYS AS IDENTITY",
            "ALTER a DROP IDENTITY IF EXISTS",
            "ALTER a SET STATISTICS 100",
            "ADD CONSTRAINT k PRIMARY KEY (a)",
            "ADD PRIMARY KEY USING INDEX i",
            "ADD UNIQUE (b)",
            "ADD CHECK (a > 0) NOT VALID",
            "ADD FOREIGN KEY (a) REFERENCES o (id)",
            "ADD EXCLUDE (a WITH =)",
            "DROP COLUMN b",
            "DROP COLUMN IF EXISTS b CASCADE",
            "DROP CONSTRAINT k",
            "VALIDATE CONSTRAINT k",
            "RENAME COLUMN a TO z",
            "RENAME CONSTRAINT k TO l",
            "RENAME TO u",
            "SET SCHEMA v",
            "OWNER TO r",
            "SET (fillfactor = 3)",
            "SET TABLESPACE x",
            "INHERIT p",
            "ATTACH PARTITION q DEFAULT",
            "DISABLE TRIGGER ALL",
            "SET UNLOGGED",
            "ENABLE ROW LEVEL SECURITY",
            "REPLICA IDENTITY FULL",
            "CLUSTER ON i",
        ][..],
    )
    .prop_map(str::to_owned);
    let alter = (
        select(
            &[
                "ALTER TABLE",
                "ALTER TABLE ONLY",
                "ALTER TABLE IF EXISTS",
                "ALTER TABLE ASYNC",
            ][..],
        ),
        prop::collection::vec(prop_oneof![add, change], 1..4),
    );
    let create = (head, name, prop::collection::vec(item, 0..5), clause, gap);
    (
        create,
        prop::collection::vec((index, key), 0..3),
        prop::collection::vec(alter, 0..4),
    )
        .prop_map(|((head, name, items, clause, gap), indexes, alters)| {
            let mut script = format!(
                "{head} {name}{gap}({}){clause};\n",
                items.join(&format!(",{gap}"))
            );
            for (alter, actions) in alters {
                script += &format!("{alter} {name}{gap}{};\n", actions.join(&format!(",{gap}")));
            }
            for (index, key) in indexes {
                script += &format!("{index} {name} {key};\n");
            }
            script
        })
}

/// Words and pieces that statements are made of.
pub fn soup() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "CREATE",
        "TABLE",
        "INDEX",
        "UNIQUE",
        "ASYNC",
        "CONCURRENTLY",
        "ON",
        "t",
        "s.t",
        "\"Q t\"",
        "(",
        ")",
        ",",
        "(a)",
        "a",
        "b",
        "serial",
        "int",
        "int[]",
        "text",
        "jsonb",
        "varchar(3)",
        "numeric(2000)",
        "ALTER",
        "ADD",
        "COLUMN",
        "DEFAULT",
        "0",
        "'x'",
        "NOT",
        "NULL",
        "NOT NULL",
        "CHECK",
        "(a > 0)",
        "CONSTRAINT",
        "c",
        "FOREIGN KEY",
        "REFERENCES",
        "PRIMARY KEY",
        "USING",
        "btree",
        "gin",
        "DESC",
        "ASC",
        "NULLS FIRST",
        "NULLS LAST",
        "INCLUDE",
        "WHERE",
        "GENERATED",
        "ALWAYS",
        "AS IDENTITY",
        "CACHE",
        "5",
        "65536",
        "SEQUENCE",
        "VALIDATE",
        "NOT VALID",
        "IF EXISTS",
        "IF NOT EXISTS",
        "ONLY",
        "SET",
        "DROP",
        "TYPE",
        "ENUM",
        "SELECT",
        "FROM",
        "FOR SHARE",
        "FOR UPDATE",
        "INTO",
        "WITH",
        "AS",
        "INSERT INTO",
        "UPDATE",
        "DELETE FROM",
        "VALUES",
        "(1)",
        "TRUNCATE",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT",
        "SET TRANSACTION",
        "ISOLATION LEVEL",
        "SERIALIZABLE",
        "READ COMMITTED",
        "search_path",
        "=",
        "COLLATE",
        "\"C\"",
        "TEMP",
        "UNLOGGED",
        "SCHEMA",
        "PARTITION BY",
        "INHERITS",
        "DEFERRABLE",
        ";",
        ";",
        "$$ ; $$",
        "-- c\n",
        "/* ; */",
        "E'\\''",
        "é",
        "$1",
        "::",
        "line",
        "COPY",
        "EXPLAIN",
        "ANALYZE",
        "pg_advisory_lock(1)",
        "FUNCTION",
        "LANGUAGE",
        "plpgsql",
        "BEGIN ATOMIC",
        "END",
        "CASE",
        "MERGE INTO",
        "text_pattern_ops",
        "OWNED BY",
        "START",
        "bigint",
        "'",
        "\"",
        "$a$",
        "/*",
    ];
    let word = prop::sample::select(WORDS);
    let gap = prop::sample::select(&[" ", " ", " ", "\n", "  ", " /* x */ ", ""][..]);
    prop::collection::vec((word, gap), 0..30).prop_map(|parts| {
        parts
            .into_iter()
            .flat_map(|(word, gap)| [word, gap])
            .collect()
    })
}

/// DDL that is well formed, with many parts refused by the service.
pub fn ddl() -> impl Strategy<Value = String> {
    let name = prop::sample::select(
        &[
            "pet",
            "\"Pet\"",
            "clinic.pet",
            "\"a b\".\"c\"\"d\"",
            "público",
        ][..],
    );
    let kind = prop::sample::select(
        &[
            "int",
            "BIGINT",
            "serial",
            "bigserial",
            "text",
            "varchar(20)",
            "numeric(10, 2)",
            "numeric",
            "timestamptz",
            "uuid",
            "jsonb",
            "text[]",
            "int[][]",
            "smallint",
            "mood",
            "double precision",
            "time with time zone",
        ][..],
    );
    let column_constraint = prop::sample::select(
        &[
            "",
            "",
            "NOT NULL",
            "NULL",
            "DEFAULT 0",
            "DEFAULT now()",
            "DEFAULT nextval('s') NOT NULL",
            "UNIQUE",
            "CHECK (a > 0)",
            "CONSTRAINT \"C\" CHECK (a > 0 AND b < 1)",
            "REFERENCES o (id) ON DELETE CASCADE",
            "GENERATED ALWAYS AS IDENTITY",
            "GENERATED BY DEFAULT AS IDENTITY (START 3 CACHE 7)",
            "COLLATE \"C\"",
            "DEFAULT 'x' COLLATE \"C\" NOT NULL",
            "DEFAULT '{}'",
            "PRIMARY KEY",
            "UNIQUE DEFERRABLE",
        ][..],
    );
    let gap = prop::sample::select(&[" ", "\n  ", " /* c, ( */ ", " -- ; '\n "][..]);
    let column = (
        prop::sample::select(&["a", "b", "\"C d\"", "order_id"][..]),
        kind,
        column_constraint.clone(),
        gap.clone(),
    )
        .prop_map(|(column, kind, constraint, gap)| format!("{column}{gap}{kind} {constraint}"));
    let table_constraint = prop::sample::select(
        &[
            "UNIQUE (a)",
            "CHECK (a > b)",
            "FOREIGN KEY (a) REFERENCES o (id)",
            "PRIMARY KEY (a, b)",
            "CONSTRAINT x UNIQUE NULLS NOT DISTINCT (a, b) INCLUDE (c)",
            "CONSTRAINT y FOREIGN KEY (a) REFERENCES o DEFERRABLE",
        ][..],
    );
    let action = prop_oneof![
        column
            .clone()
            .prop_map(|column| format!("ADD COLUMN {column}")),
        column
            .clone()
            .prop_map(|column| format!("ADD COLUMN IF NOT EXISTS {column}")),
        table_constraint
            .clone()
            .prop_map(|constraint| format!("ADD {constraint}")),
        prop::sample::select(
            &[
                "DROP COLUMN a",
                "ALTER a SET NOT NULL",
                "ALTER COLUMN \"C d\" SET DEFAULT 1",
                "VALIDATE CONSTRAINT x",
                "DROP CONSTRAINT x",
                "ALTER a DROP NOT NULL",
                "ALTER a TYPE int",
                "ALTER a ADD GENERATED ALWAYS AS IDENTITY",
                "RENAME TO u",
                "ENABLE ROW LEVEL SECURITY"
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    let item = prop_oneof![3 => column, 1 => table_constraint.prop_map(str::to_owned)];
    let key = prop::sample::select(
        &[
            "a",
            "a DESC",
            "b ASC NULLS FIRST",
            "a text_pattern_ops DESC NULLS LAST",
            "lower(a)",
            "(a + b) desc",
            "a COLLATE \"C\"",
            "c gin_trgm_ops",
        ][..],
    );
    let create_table = (name.clone(), prop::collection::vec(item, 1..5), gap.clone()).prop_map(
        |(name, items, gap)| {
            format!(
                "CREATE TABLE{gap}{name} ({})",
                items.join(&format!(",{gap}"))
            )
        },
    );
    let alter_table = (
        name.clone(),
        prop::collection::vec(action, 1..4),
        gap.clone(),
        prop::sample::select(&["", "IF EXISTS ", "ONLY "][..]),
    )
        .prop_map(|(name, actions, gap, only)| {
            format!(
                "ALTER TABLE {only}{name}{gap}{}",
                actions.join(&format!("{gap},"))
            )
        });
    let create_index = (
        name.clone(),
        prop::collection::vec(key, 1..4),
        gap.clone(),
        prop::sample::select(&["", "UNIQUE "][..]),
        prop::sample::select(&["", "ASYNC ", "CONCURRENTLY "][..]),
        prop::sample::select(&["", "i ", "IF NOT EXISTS \"I j\" ", "s.i "][..]),
        prop::sample::select(&["", "USING btree ", "USING gin "][..]),
    )
        .prop_map(|(name, keys, gap, unique, mode, index, method)| {
            format!(
                "CREATE {unique}INDEX {mode}{index}ON{gap}{name} {method}({}) WHERE a > 0",
                keys.join(", ")
            )
        });
    let rest = prop::sample::select(
        &[
            "CREATE SEQUENCE s START 4",
            "CREATE SEQUENCE s AS integer CACHE 3",
            "TRUNCATE a, b CASCADE",
            "SELECT 1 FOR SHARE",
            "BEGIN; INSERT INTO t VALUES (1); COMMIT",
            "BEGIN; CREATE TABLE x (a int); INSERT INTO x VALUES (1); COMMIT",
            "SET lock_timeout = 0",
            "DROP INDEX CONCURRENTLY i",
            "CREATE UNLOGGED TABLE t (a int)",
            "CREATE TYPE mood AS ENUM ('a', /* b */ 'b')",
            "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'c' BEFORE 'a'",
        ][..],
    );
    prop::collection::vec(
        prop_oneof![
            create_table,
            alter_table,
            create_index,
            rest.prop_map(str::to_owned)
        ],
        1..4,
    )
    .prop_map(|statements| statements.join(";\n"))
}

/// One table, one sequence and one enum, created and then changed, as in a
/// dump.
pub fn dump() -> impl Strategy<Value = String> {
    let table = prop::sample::select(
        &[
            "CREATE TABLE s.pet (\n  a integer NOT NULL,\n  b text\n)",
            "CREATE TABLE s.pet (a bigint NOT NULL, b text /* b */ )",
            "CREATE TABLE s.pet (a int, b text -- last\n)",
            "CREATE TABLE s.pet (a int NOT NULL, /* two */ b text, UNIQUE (b))",
            "CREATE TABLE s.pet (a int PRIMARY KEY, b text DEFAULT 'x' NULL)",
            "CREATE TABLE IF NOT EXISTS s.pet (a int, b text)",
            "CREATE TABLE pet (a int, b text)",
            "CREATE TABLE s.pet (LIKE t)",
        ][..],
    );
    let rest = prop::sample::select(
        &[
            "-- the key\nALTER TABLE ONLY s.pet ADD CONSTRAINT k PRIMARY KEY (a)",
            "ALTER TABLE s.pet ADD UNIQUE (b) /* u */, ADD PRIMARY KEY (a, b)",
            "ALTER TABLE s.pet ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (b)",
            "ALTER TABLE s.pet /* c */ ADD UNIQUE (a, c)",
            "ALTER TABLE s.pet ALTER a ADD GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME s.pet_a_seq START 4 CACHE 1)",
            "ALTER TABLE s.pet ALTER a SET NOT NULL",
            "ALTER TABLE pet ALTER b SET NOT NULL",
            "ALTER TABLE s.pet ADD COLUMN c int NOT NULL DEFAULT 0",
            "ALTER TABLE s.pet ALTER a DROP NOT NULL",
            "ALTER TABLE s.pet RENAME a TO d",
            "ALTER TABLE s.pet ALTER a TYPE bigint /* wide */ USING a::bigint",
            "ALTER TABLE s.pet ALTER b TYPE varchar(20), ALTER a SET NOT NULL",
            "CREATE SEQUENCE s.pet_a_seq AS integer START WITH 1 /* o */ CACHE 1",
            "CREATE SEQUENCE s.pet_a_seq INCREMENT 2 OWNED BY s.pet.a",
            "-- owned\nALTER SEQUENCE s.pet_a_seq OWNED BY s.pet.a",
            "ALTER TABLE ONLY s.pet ALTER COLUMN a SET DEFAULT nextval('s.pet_a_seq'::regclass)",
            "ALTER TABLE s.pet_a_seq OWNER TO clerk",
            "CREATE TYPE s.mood AS ENUM ('a', 'b' /* last */)",
            "ALTER TYPE s.mood ADD VALUE IF NOT EXISTS 'c' /* third */ BEFORE 'b'",
            "ALTER TYPE s.mood OWNER TO clerk",
            "INSERT INTO s.pet VALUES (1, 'x')",
            "DELETE FROM s.pet",
            "DROP TABLE s.pet",
            "SET search_path = s",
            "BEGIN",
            "COMMIT",
            "ROLLBACK",
        ][..],
    );
    (table, prop::collection::vec(rest, 1..8))
        .prop_map(|(table, rest)| format!("{table};\n{}", rest.join(";\n")))
}
