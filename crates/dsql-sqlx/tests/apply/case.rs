//! A case: what is there, what is applied, and what is to be there afterwards.

use std::path::Path;

use dsql_sql::{Plan, translate};
use dsql_sqlx::ErrorExt as _;
use dsql_sqlx::sqlx::{self, Row as _};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};

/// A file in `tests/plans`, of three parts:
///
/// ```text
/// What it is about.
/// --- setup
/// Statements, run as they are.
/// --- script
/// Statements, translated and applied.
/// --- check
/// A query, then the rows of its answer, each after "= ".
/// ```
///
/// `{schema}` is the schema that it all happens in, and the current one.
pub struct Case {
    pub name: String,
    setup: String,
    script: String,
    checks: Vec<(String, Vec<String>)>,
}

const SCHEMA: &str = "{schema}";

impl Case {
    pub fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
            .collect();
        files.sort();
        let wanted = std::env::var("DSQL_PLAN").unwrap_or_default();
        files
            .iter()
            .map(|path| Self::read(path))
            .filter(|case| case.name.contains(&wanted))
            .collect()
    }

    fn read(path: &Path) -> Self {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).unwrap();
        let part = |part: &str| {
            let head = format!("--- {part}\n");
            let (_, rest) = text
                .split_once(&head)
                .unwrap_or_else(|| panic!("{name}: no {head}"));
            let lines = rest.lines().take_while(|line| !line.starts_with("--- "));
            lines.map(|line| format!("{line}\n")).collect::<String>()
        };
        let (mut checks, mut query) = (Vec::<(String, Vec<String>)>::new(), String::new());
        for line in part("check").lines() {
            if let Some(row) = line.strip_prefix("=") {
                if !query.is_empty() {
                    checks.push((std::mem::take(&mut query), Vec::new()));
                }
                let row = row.strip_prefix(' ').unwrap_or(row);
                checks.last_mut().unwrap().1.push(row.to_owned());
            } else if !line.trim().is_empty() {
                query.push_str(line);
                query.push('\n');
            }
        }
        assert!(query.is_empty(), "{name}: no answer after {query}");
        assert!(!checks.is_empty(), "{name}: nothing is checked");
        Self {
            setup: part("setup"),
            script: part("script"),
            name,
            checks,
        }
    }

    pub fn plan(&self, schema: &str) -> Plan {
        let script = self.script.replace(SCHEMA, schema);
        let plan = translate(&script, &Default::default());
        assert!(plan.errors.is_empty(), "{}: {plan}", self.name);
        plan
    }

    pub async fn set_up(&self, connection: &mut PgConnection, schema: &str) {
        let setup = self.setup.replace(SCHEMA, schema);
        for statement in dsql_sql::split(&setup) {
            execute(connection, statement.text())
                .await
                .unwrap_or_else(|error| panic!("{}: {}: {error}", self.name, statement.text()));
        }
    }

    /// What is not as it is to be.
    pub async fn faults(&self, connection: &mut PgConnection, schema: &str) -> Option<String> {
        for (query, expected) in &self.checks {
            let query = query.replace(SCHEMA, schema);
            let found = match rows(connection, &query).await {
                Ok(rows) => rows,
                Err(error) => return Some(format!("{query}{error}")),
            };
            if &found != expected {
                return Some(format!(
                    "{query}answered\n{}\nexpected\n{}",
                    found.join("\n"),
                    expected.join("\n")
                ));
            }
        }
        None
    }
}

/// Runs a statement by itself, again when others have changed the schema meanwhile.
pub async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    loop {
        match connection.execute(AssertSqlSafe(sql.to_owned())).await {
            Err(error) if error.is_stale_schema() => {}
            done => return done.map(drop),
        }
    }
}

/// Each row as one text.
pub async fn rows(connection: &mut PgConnection, sql: &str) -> Result<Vec<String>, sqlx::Error> {
    let rows = loop {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match query.fetch_all(&mut *connection).await {
            Err(error) if error.is_stale_schema() => {}
            rows => break rows?,
        }
    };
    rows.iter()
        .map(|row| {
            let columns: Result<Vec<_>, _> = (0..row.len())
                .map(|at| {
                    row.try_get_unchecked::<Option<String>, _>(at)
                        .map(|text| text.unwrap_or_else(|| "NULL".into()))
                })
                .collect();
            Ok(columns?.join("|"))
        })
        .collect()
}

/// All that a schema holds, but the tables of this crate.
pub async fn catalog(connection: &mut PgConnection, schema: &str) -> String {
    const QUERIES: [&str; 6] = [
        "SELECT c.relkind, c.relname FROM pg_class c WHERE c.relnamespace = $::regnamespace \
         AND c.relname NOT LIKE 'dsql\\_%' ORDER BY 1, 2",
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, \
         pg_get_expr(d.adbin, d.adrelid) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
         WHERE c.relnamespace = $::regnamespace AND a.attnum > 0 AND NOT a.attisdropped \
         AND c.relkind IN ('r', 'v') AND c.relname NOT LIKE 'dsql\\_%' ORDER BY 1, a.attnum",
        "SELECT conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint \
         WHERE connamespace = $::regnamespace AND conname NOT LIKE 'dsql\\_%' ORDER BY 1, 2",
        "SELECT i.indexrelid::regclass::text, i.indisvalid, pg_get_indexdef(i.indexrelid) FROM pg_index i \
         JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = $::regnamespace \
         AND c.relname NOT LIKE 'dsql\\_%' ORDER BY 1",
        "SELECT t.typname, format_type(t.typbasetype, t.typtypmod) FROM pg_type t \
         WHERE t.typnamespace = $::regnamespace AND t.typtype = 'd' ORDER BY 1",
        "SELECT c.relname, s.seqincrement, s.seqcache FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid \
         WHERE c.relnamespace = $::regnamespace ORDER BY 1",
    ];
    let mut text = String::new();
    for query in QUERIES {
        let query = query.replace('$', &format!("'{schema}'"));
        for row in rows(connection, &query).await.unwrap() {
            text.push_str(&row.replace(schema, "the_schema"));
            text.push('\n');
        }
    }
    text
}
