//! A script four times as long takes about four times as long.

use std::time::{Duration, Instant};

use dsql_sql::{Options, fix, split, translate};

/// A script of about so many parts.
type Shape = (&'static str, fn(usize) -> String);

const SHAPES: &[Shape] = &[
    ("many statements", |n| {
        each(n, |n| {
            format!("INSERT INTO t VALUES ({n}, 'a;b'); SELECT {n} FROM t -- x\n;\n")
        })
    }),
    ("one long list", |n| {
        format!(
            "SELECT * FROM t WHERE a IN ({})",
            list(n, |n| n.to_string())
        )
    }),
    ("many rows", |n| {
        format!(
            "INSERT INTO t VALUES {}",
            // So many that the statement is cut.
            list(64 * n, |n| format!("({n}, 'x')"))
        )
    }),
    ("rows of a COPY", |n| {
        format!(
            "CREATE TABLE t (a int, b text[]);\nCOPY t (a, b) FROM stdin;\n{}\\.\n",
            each(n, |n| format!("{n}\t{{a,b}}\n"))
        )
    }),
    ("many comments", |n| {
        each(n, |_| "/* a /* b */ ; ' */ -- c;\n".to_owned()) + "SELECT 1"
    }),
    ("comments in a statement", |n| {
        format!("CREATE TABLE t (a serial {})", "/* a */ -- b\n".repeat(n))
    }),
    ("open brackets", |n| "(".repeat(n)),
    ("nested brackets", |n| {
        format!("SELECT {}1{}", "(".repeat(n), ")".repeat(n))
    }),
    ("a long string", |n| {
        format!("SELECT '{}'", "it''s ".repeat(n))
    }),
    ("a long dollar quote", |n| {
        format!("DO $a$ {} $a$", "$b$ $$ $a ".repeat(n))
    }),
    ("tags that never close", |n| each(n, |n| format!("$t{n}$ "))),
    ("quotes", |n| "'\"".repeat(n)),
    ("a long name", |n| {
        format!("CREATE INDEX ON \"{}\" (a)", "é".repeat(n))
    }),
    ("columns", |n| {
        format!(
            "CREATE TABLE t ({})",
            list(n, |n| format!("c{n} int NOT NULL"))
        )
    }),
    ("columns that change", |n| {
        format!(
            "CREATE TABLE t ({})",
            list(n, |n| format!(
                "c{n} serial, d{n} text[] DEFAULT '{{}}', e{n} money"
            ))
        )
    }),
    ("columns with constraints", |n| {
        format!(
            "CREATE TABLE t ({})",
            list(n, |n| format!(
                "c{n} int UNIQUE CHECK (c{n} > 0) REFERENCES o (id)"
            ))
        )
    }),
    ("constraints of one table", |n| {
        format!(
            "CREATE TABLE t (a int, b int, {})",
            list(n, |n| format!(
                "CHECK (a > {n}), UNIQUE (a, b), FOREIGN KEY (a) REFERENCES o"
            ))
        )
    }),
    ("columns of an index", |n| {
        format!("CREATE INDEX ON t ({})", list(n, |n| format!("c{n} DESC")))
    }),
    ("actions of one ALTER", |n| {
        format!(
            "ALTER TABLE t {}",
            list(n, |n| format!("ADD COLUMN c{n} int NOT NULL DEFAULT {n}"))
        )
    }),
    ("many ALTERs of one table", |n| {
        "CREATE TABLE t (a int);\n".to_owned()
            + &each(n, |n| {
                format!("ALTER TABLE t ADD COLUMN c{n} int DEFAULT 1;\n")
            })
    }),
    ("many keys of one table", |n| {
        format!("CREATE TABLE t ({});\n", list(n, |n| format!("c{n} int")))
            + &each(n, |n| {
                format!("ALTER TABLE t ADD UNIQUE (c{n}), ADD CHECK (c{n} > 0);\n")
            })
    }),
    ("one constraint again and again", |n| {
        each(n, |_| {
            "ALTER TABLE t ADD UNIQUE (a);\nALTER TABLE t ADD CHECK (a > 0);\n".to_owned()
        })
    }),
    ("not null of many columns", |n| {
        format!("CREATE TABLE t ({});\n", list(n, |n| format!("c{n} int")))
            + &each(n, |n| format!("ALTER TABLE t ALTER c{n} SET NOT NULL;\n"))
    }),
    ("one type again and again", |n| {
        "CREATE TABLE t (a int);\n".to_owned()
            + &each(n, |_| {
                "ALTER TABLE t ALTER a TYPE bigint /* wide */;\n".to_owned()
            })
    }),
    ("many tables of a dump", |n| {
        each(n, |n| {
            format!(
                "CREATE TABLE s.t{n} (\n    id integer NOT NULL,\n    name text\n);\n\
                 CREATE SEQUENCE s.t{n}_id_seq AS integer CACHE 1;\n\
                 ALTER SEQUENCE s.t{n}_id_seq OWNED BY s.t{n}.id;\n\
                 ALTER TABLE ONLY s.t{n} ALTER COLUMN id SET DEFAULT nextval('s.t{n}_id_seq'::regclass);\n\
                 ALTER TABLE ONLY s.t{n} ADD CONSTRAINT t{n}_pkey PRIMARY KEY (id);\n\
                 SELECT pg_catalog.setval('s.t{n}_id_seq', {n}, true);\n"
            )
        })
    }),
    ("values of one enum", |n| {
        "CREATE TYPE m AS ENUM ('a');\n".to_owned()
            + &each(n, |n| format!("ALTER TYPE m ADD VALUE 'v{n}';\n"))
    }),
    ("one table made again and again", |n| {
        each(n, |_| {
            "DROP TABLE IF EXISTS t; CREATE TABLE t (a serial); TRUNCATE t;\n".to_owned()
        })
    }),
    ("transactions", |n| {
        each(n, |n| {
            format!("BEGIN; CREATE INDEX ON t (c{n}); UPDATE t SET a = {n}; COMMIT;\n")
        })
    }),
    ("one transaction", |n| {
        format!(
            "BEGIN;\n{}COMMIT;\n",
            each(n, |n| format!("CREATE INDEX ON t (c{n});\n"))
        )
    }),
    ("transactions never ended", |n| {
        each(n, |_| "BEGIN; TRUNCATE t;\n".to_owned())
    }),
    ("functions", |n| {
        each(n, |n| {
            format!(
                "CREATE FUNCTION f{n}() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN {n} END; END;\n"
            )
        })
    }),
    ("what cannot be had", |n| {
        each(n, |n| {
            format!("CREATE TRIGGER g{n} AFTER INSERT ON t EXECUTE FUNCTION f(); VACUUM t;\n")
        })
    }),
    ("commands of psql", |n| {
        each(n, |n| format!("\\restrict k{n}\n"))
    }),
    ("locks", |n| {
        format!("SELECT 1 {}", "FOR UPDATE OF t ".repeat(n))
    }),
    ("grants", |n| {
        each(n, |n| {
            format!("GRANT SELECT ON t{n} TO r; COMMENT ON TABLE t{n} IS 'x';\n")
        })
    }),
    ("one line", |n| "TRUNCATE t; ".repeat(n)),
    ("nothing but what opens", |n| {
        "with a as (begin atomic case E'\n".repeat(n)
    }),
    ("beginnings of tags", |n| "$a é$ ".repeat(n)),
    ("explanations", |n| "explain analyze ".repeat(n)),
    ("words in no order", |n| {
        "CREATE TABLE ALTER ( , ) ADD ".repeat(n)
    }),
    ("storage clauses", |n| {
        format!(
            "ALTER TABLE t {}",
            list(n, |n| format!("ADD c{n} text STORAGE EXTERNAL"))
        )
    }),
];

fn each(n: usize, part: impl Fn(usize) -> String) -> String {
    (0..n).map(part).collect()
}

fn list(n: usize, part: impl Fn(usize) -> String) -> String {
    (0..n).map(part).collect::<Vec<_>>().join(", ")
}

/// How much longer four times as much may take: quadratic would be 16. The room
/// is for memory that no longer fits a cache, and for a busy machine, which
/// interrupts the longer run only.
const LIMIT: f64 = 12.0;

/// The shapes for which the time grows faster than the script.
fn slow(run: fn(&str)) -> Vec<String> {
    SHAPES
        .iter()
        .filter_map(|(name, shape)| {
            let (size, short) = sized(*shape, run);
            let long = shape(size * 4);
            // One quiet round is enough: what grows too fast does so in each.
            let ratios =
                (0..20).map(|_| time(run, &long).as_secs_f64() / time(run, &short).as_secs_f64());
            let mut least = f64::INFINITY;
            for ratio in ratios {
                least = least.min(ratio);
                if least < LIMIT {
                    return None;
                }
            }
            Some(format!(
                "{name}: {least:.1} times as long for 4 times {size}"
            ))
        })
        .collect()
}

/// A script that takes long enough to be measured.
fn sized(shape: fn(usize) -> String, run: fn(&str)) -> (usize, String) {
    let mut size = 64;
    loop {
        let script = shape(size);
        if size >= 1 << 16 || time(run, &script) > Duration::from_millis(2) {
            return (size, script);
        }
        size *= 2;
    }
}

fn time(run: fn(&str), script: &str) -> Duration {
    let start = Instant::now();
    run(script);
    start.elapsed()
}

#[test]
fn splitting_takes_time_in_proportion() {
    let run = |script: &str| {
        for piece in split(script) {
            let _ = (piece.kind(), piece.without_locks());
            let _ = dsql_sql::without_storage(&piece);
        }
    };
    assert_eq!(slow(run), [""; 0]);
}

#[test]
fn translating_takes_time_in_proportion() {
    assert_eq!(
        slow(|script| drop(translate(script, &Options::default()))),
        [""; 0]
    );
}

#[test]
fn linting_and_fixing_takes_time_in_proportion() {
    assert_eq!(
        slow(|script| drop(fix(script, &Options::default()))),
        [""; 0]
    );
}
