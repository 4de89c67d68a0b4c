//! What a statement's text means to a session, worked out once a text.

use std::collections::HashMap;
use std::sync::Arc;

use dsql_sql::{DroppedColumns, JobType, Kind, Refusal, Scanned, Statement, Verb, quote_literal};

use super::brought::Brought;
use super::iam::Mapping;
use super::quota::{Caution, Quota};

/// How many texts a session remembers; beyond it the memory starts anew.
const REMEMBERED: usize = 1024;
/// Longer texts are worked out each time.
const REMEMBERED_BYTES: usize = 16 * 1024;
/// The texts that are remembered are no longer than this together.
const REMEMBERED_TOGETHER: usize = 512 * 1024;

/// One statement as a session treats it.
#[derive(Debug)]
pub(super) struct Form {
    /// The text as the client wrote it.
    pub(super) sql: Arc<str>,
    /// The text as PostgreSQL gets it, where that differs.
    rewritten: Option<String>,
    pub(super) kind: Kind,
    /// What CommandComplete says, where that is not what PostgreSQL says.
    pub(super) tag: Option<&'static str>,
    /// What is to be run behind it, as part of it.
    pub(super) sequel: Option<String>,
    /// `AWS IAM GRANT` or `AWS IAM REVOKE`.
    pub(super) is_mapping: bool,
    pub(super) refusal: Option<Refusal>,
    pub(super) action: Action,
    /// The tables that the statement changes, as written.
    pub(super) targets: Vec<String>,
    /// A read that locks rows, without the locks: what it answers from a snapshot.
    pub(super) unlocked: Option<String>,
    /// COPY … FROM STDIN.
    pub(super) is_copy: bool,
    /// Changes rows that its command tag does not count.
    pub(super) tag_tells_less: bool,
    /// Changes or takes away keys that other rows may refer to.
    pub(super) may_cascade: bool,
    /// What came with its text.
    pub(super) brought: Brought,
    /// May store values that did not come with it.
    pub(super) makes_values: bool,
    pub(super) quotas: &'static [Quota],
    pub(super) caution: Option<Caution>,
    /// Columns that it drops, and their table.
    pub(super) dropped: Option<DroppedColumns>,
    pub(super) drops_table: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Empty,
    /// Handed on.
    Read,
    /// Changes or locks rows, or session settings: replayed when its transaction is wounded.
    Write {
        /// See [`Form::listed_rows`].
        rows: Option<u64>,
    },
    Begin,
    Commit,
    Rollback,
    Ddl,
    /// Starts a job: a row is answered, and the work is done behind.
    Submit {
        /// What the job will run, to be tried first: a mistake in it is the statement's, not the job's.
        trial: Option<String>,
        /// What CommandComplete says.
        tag: &'static str,
    },
    /// `CALL sys.wait_for_job(…)`.
    WaitForJob(JobArgument),
}

/// How a CALL names its job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum JobArgument {
    Literal(String),
    FirstParameter,
}

impl Form {
    pub(super) fn of(sql: &str) -> Self {
        let statement = Statement::new(sql);
        let scanned = statement.scan();
        let kind = scanned.kind();
        let refusal = scanned.check().err();
        let mut rewritten = None;
        let mut tag = None;
        let mut is_mapping = false;
        let mut sequel = None;
        let action = match kind {
            Kind::Empty => Action::Empty,
            Kind::Read if !scanned.locks_rows() => {
                rewritten = about_the_server(sql);
                tag = rewritten.as_ref().map(|_| "SHOW");
                Action::Read
            }
            Kind::Transaction(Verb::Begin) => Action::Begin,
            Kind::Transaction(Verb::Commit) => Action::Commit,
            Kind::Transaction(Verb::Rollback) => Action::Rollback,
            Kind::Ddl => match dsql_sql::async_ddl(&statement) {
                Some(ddl) => {
                    let table = quote_literal(&ddl.table);
                    if ddl.job_type == JobType::ValidateConstraint {
                        let statement = quote_literal(&ddl.synchronous);
                        rewritten = Some(format!(
                            "SELECT pg_catalog.dsql_local_submit('VALIDATE_CONSTRAINT', {statement}, {table}) AS job_id"
                        ));
                        Action::Submit {
                            trial: Some(ddl.synchronous),
                            tag: "ALTER TABLE",
                        }
                    } else {
                        let plain = without_unique(&ddl.synchronous);
                        let unique = plain.is_some();
                        let statement = quote_literal(&plain.unwrap_or(ddl.synchronous));
                        rewritten = Some(format!(
                            "SELECT pg_catalog.dsql_local_submit_index({statement}, {unique}, {table}) AS job_id"
                        ));
                        Action::Submit {
                            trial: None,
                            tag: "CREATE INDEX",
                        }
                    }
                }
                None => {
                    if let Some(mapping) = Mapping::of(sql) {
                        rewritten = Some(mapping.call());
                        tag = Some(mapping.tag());
                        is_mapping = true;
                    } else if let Some(without) = dsql_sql::without_storage(&statement) {
                        rewritten = Some(without.statement);
                        sequel = without.alter;
                    }
                    Action::Ddl
                }
            },
            Kind::Call => match wait_for_job(sql) {
                Some((argument, text)) => {
                    rewritten = Some(text);
                    Action::WaitForJob(argument)
                }
                None => Action::Write { rows: None },
            },
            Kind::Write => Action::Write {
                rows: scanned.listed_rows(),
            },
            Kind::Read => Action::Write { rows: Some(0) },
            Kind::Session => {
                rewritten = with_our_parameter(sql);
                Action::Write { rows: Some(0) }
            }
            _ => Action::Write { rows: None },
        };
        Self {
            sql: sql.into(),
            rewritten,
            kind,
            tag,
            sequel,
            is_mapping,
            refusal,
            action,
            targets: match kind {
                Kind::Write => scanned
                    .written_tables()
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                _ => Vec::new(),
            },
            unlocked: (kind == Kind::Read && scanned.locks_rows())
                .then(|| statement.without_locks())
                .flatten(),
            brought: Brought::text(&scanned),
            is_copy: kind == Kind::Write
                && skip_word(sql, "copy").is_some_and(|rest| !rest.trim_start().starts_with('(')),
            tag_tells_less: kind == Kind::Write
                && !["insert", "update", "delete"]
                    .iter()
                    .any(|verb| skip_word(sql, verb).is_some())
                && skip_word(sql, "copy").is_none_or(|rest| rest.trim_start().starts_with('(')),
            may_cascade: kind == Kind::Write
                && (skip_word(sql, "insert").is_none() || scanned.has_word("conflict")),
            makes_values: kind == Kind::Write && makes_values(&scanned),
            quotas: match kind {
                Kind::Ddl => Quota::of(sql),
                _ => &[],
            },
            dropped: match kind {
                Kind::Ddl => dsql_sql::dropped_columns(&statement),
                _ => None,
            },
            caution: match kind {
                Kind::Ddl | Kind::Other => Caution::of(sql),
                _ => None,
            },
            drops_table: kind == Kind::Ddl
                && skip_word(skip_comments(sql), "drop")
                    .is_some_and(|rest| skip_word(skip_comments(rest), "table").is_some()),
        }
    }

    /// Cannot change more than `limit` rows.
    pub(super) fn has_few_rows(&self, limit: u64) -> bool {
        self.listed_rows().is_some_and(|rows| rows <= limit)
    }

    /// The one table that it changes, where it is named without a schema.
    pub(super) fn target(&self) -> Option<&str> {
        match self.targets.as_slice() {
            [table] if !table.contains('.') => Some(table),
            _ => None,
        }
    }

    /// How many rows it changes at most, where its text tells.
    pub(super) fn listed_rows(&self) -> Option<u64> {
        match self.action {
            Action::Write { rows } => rows,
            _ => None,
        }
    }

    /// `SET search_path …`: the service reads its catalog anew then.
    pub(super) fn sets_search_path(&self) -> bool {
        let Some(rest) = skip_word(&self.sql, "set") else {
            return false;
        };
        let rest = ["session", "local"]
            .iter()
            .find_map(|scope| skip_word(rest, scope))
            .unwrap_or(rest);
        skip_word(rest, "search_path").is_some()
    }

    /// The text for PostgreSQL.
    pub(super) fn upstream(&self) -> &str {
        self.rewritten.as_deref().unwrap_or(&self.sql)
    }
}

/// The forms of the texts that a session has sent.
#[derive(Debug, Default)]
pub(super) struct Forms {
    known: HashMap<Arc<str>, Arc<Form>>,
    /// How long the texts are together.
    bytes: usize,
}

impl Forms {
    pub(super) fn of(&mut self, sql: &str) -> Arc<Form> {
        if sql.len() > REMEMBERED_BYTES {
            return Arc::new(Form::of(sql));
        }
        if let Some(form) = self.known.get(sql) {
            return Arc::clone(form);
        }
        let form = Arc::new(Form::of(sql));
        self.bytes += sql.len();
        if self.known.len() >= REMEMBERED || self.bytes > REMEMBERED_TOGETHER {
            self.known.clear();
            self.bytes = sql.len();
        }
        self.known.insert(Arc::clone(&form.sql), Arc::clone(&form));
        form
    }
}

/// A parameter that PostgreSQL knows as `dsql.…`.
pub(crate) const SYNC_INDEX: &str = "disable_sync_create_index";
pub(crate) const UPSTREAM_SYNC_INDEX: &str = "dsql.disable_sync_create_index";

/// `SET disable_sync_create_index …` under the name that PostgreSQL knows it by.
fn with_our_parameter(sql: &str) -> Option<String> {
    let at = (sql.as_bytes().windows(SYNC_INDEX.len()))
        .position(|part| part.eq_ignore_ascii_case(SYNC_INDEX.as_bytes()))?;
    let names_it = sql[..at].ends_with(|before: char| before.is_whitespace() || before == '"');
    names_it.then(|| format!("{}dsql.{}", &sql[..at], &sql[at..]))
}

/// `SHOW server_version` and `server_version_num` cannot be set in PostgreSQL; they are asked of the catalog instead.
fn about_the_server(sql: &str) -> Option<String> {
    let mut words = sql.trim_end_matches([';', ' ', '\n']).split_whitespace();
    let (show, name) = (words.next()?, words.next()?);
    if !show.eq_ignore_ascii_case("show") || words.next().is_some() {
        return None;
    }
    ["server_version", "server_version_num", SYNC_INDEX]
        .into_iter()
        .find(|known| name.eq_ignore_ascii_case(known))
        .map(|name| format!("SELECT current_setting('{name}') AS {name}"))
}

/// Recognises `CALL sys.wait_for_job('…')` and `CALL sys.wait_for_job($1)`; the argument, and the query that answers.
fn wait_for_job(sql: &str) -> Option<(JobArgument, String)> {
    let rest = skip_word(sql, "call")?;
    let rest = skip_word(rest, "sys")?;
    let rest = rest.trim_start().strip_prefix('.')?;
    let rest = skip_word(rest, "wait_for_job")?;
    let rest = rest.trim_start().strip_prefix('(')?;
    let end = rest.rfind(')')?;
    let argument = rest[..end].trim();
    let value = argument
        .strip_suffix("::text")
        .map_or(argument, str::trim_end);
    let named = if value == "$1" {
        JobArgument::FirstParameter
    } else {
        let quoted = value.strip_prefix('\'')?.strip_suffix('\'')?;
        if quoted.contains('\'') {
            return None;
        }
        JobArgument::Literal(quoted.to_owned())
    };
    let query = format!("SELECT pg_catalog.dsql_local_succeeded({value}::text) AS succeeded");
    Some((named, query))
}

/// `CREATE UNIQUE INDEX …` without UNIQUE; none when it is not there.
fn without_unique(sql: &str) -> Option<String> {
    let rest = skip_word(skip_comments(sql), "create")?;
    let before = &sql[..sql.len() - rest.len()];
    let rest = skip_word(skip_comments(rest), "unique")?;
    Some(format!("{before}{rest}"))
}

/// What follows spaces and comments.
pub(super) fn skip_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        text = if text.starts_with("--") {
            text.split_once('\n').map_or("", |(_, rest)| rest)
        } else if text.starts_with("/*") {
            text.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            return text;
        };
    }
}

/// What follows `word`, which leads `text` in any case.
pub(super) fn skip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let text = text.trim_start();
    let (head, rest) = text.split_at_checked(word.len())?;
    let ends = !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    (head.eq_ignore_ascii_case(word) && ends).then_some(rest)
}

/// What in a name makes a text long that did not come long.
const MAKERS: [&str; 8] = [
    "repeat", "_agg", "pad", "concat", "format", "replace", "random", "array",
];

/// Whether a change of rows may store values that are longer than what came with it: it reads them elsewhere, or
/// makes them.
fn makes_values(scanned: &Scanned<'_>) -> bool {
    let sql = scanned.statement().text();
    if skip_word(sql, "copy").is_some() || skip_word(sql, "delete").is_some() {
        return false;
    }
    let is_update = skip_word(sql, "update").is_some() && !scanned.has_word("from");
    let is_values = || scanned.listed_rows().is_some();
    !(is_update || is_values()) || scanned.has_operator("||") || scanned.names().any(is_maker)
}

fn is_maker(name: &str) -> bool {
    let name = name.as_bytes();
    // U&"…" may spell any name.
    let is_spelt = name.last() == Some(&b'"') && name.first() != Some(&b'"');
    let holds = |maker: &&str| {
        (name.windows(maker.len())).any(|part| part.eq_ignore_ascii_case(maker.as_bytes()))
    };
    is_spelt || MAKERS.iter().any(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_waits_is_recognised_however_it_is_written() {
        let id = JobArgument::Literal("abc".to_owned());
        for sql in [
            "CALL sys.wait_for_job('abc')",
            "call SYS . wait_for_job ( 'abc'::text )",
        ] {
            assert_eq!(Form::of(sql).action, Action::WaitForJob(id.clone()));
        }
        assert_eq!(
            Form::of("CALL sys.wait_for_job($1)").action,
            Action::WaitForJob(JobArgument::FirstParameter)
        );
    }

    #[test]
    fn only_an_insert_of_listed_rows_is_known_to_be_small() {
        let few = |sql, limit| Form::of(sql).has_few_rows(limit);
        assert!(few("INSERT INTO t VALUES (1), (2)", 2));
        assert!(!few("INSERT INTO t VALUES (1), (2)", 1));
        assert!(!few("INSERT INTO t SELECT * FROM u", 3_000));
        assert!(!few("INSERT INTO t TABLE u", 3_000));
        assert!(!few("UPDATE t SET a = 1", 3_000));
        assert!(few("SELECT a FROM t FOR UPDATE", 0));
    }

    #[test]
    fn what_makes_long_values_is_told_from_what_only_names_it() {
        let makes = |sql| Form::of(sql).makes_values;
        for sql in [
            "INSERT INTO t VALUES (repeat('x', 9))",
            "INSERT INTO t VALUES (\"Repeat\"('x', 9))",
            "INSERT INTO t VALUES (U&\"rep\\0065at\"('x', 9))",
            "UPDATE t SET a = a||a",
            "UPDATE t SET a = u.a FROM u",
            "INSERT INTO t TABLE u",
        ] {
            assert!(makes(sql), "{sql}");
        }
        for sql in [
            "INSERT INTO t VALUES ('repeat || select'), ('b')",
            "UPDATE t SET a = $1 -- from ||",
            "DELETE FROM t WHERE a = 'b' || 'c'",
        ] {
            assert!(!makes(sql), "{sql}");
        }
    }

    #[test]
    fn the_table_that_is_changed_is_known_where_it_is_named_alone() {
        let table = |sql| Form::of(sql).target().map(str::to_owned);
        assert_eq!(
            table("INSERT INTO \"visit\" (a) VALUES (1)").as_deref(),
            Some("\"visit\"")
        );
        assert_eq!(
            table("update only visit set a = 1").as_deref(),
            Some("visit")
        );
        for sql in [
            "DELETE FROM clinic.visit",
            "DELETE FROM \"clinic\".visit",
            "SELECT 1",
        ] {
            assert_eq!(table(sql), None, "{sql}");
        }
    }

    #[test]
    fn an_asynchronous_index_becomes_a_job() {
        let form = Form::of("CREATE INDEX ASYNC ON t (a)");
        assert!(matches!(form.action, Action::Submit { .. }));
        assert!(
            form.upstream()
                .starts_with("SELECT pg_catalog.dsql_local_submit_index(")
        );
    }

    #[test]
    fn uniqueness_is_taken_out_of_an_index_and_of_nothing_else() {
        let plain = |sql| without_unique(sql);
        assert_eq!(
            plain("CREATE /* a */ Unique INDEX \"unique\" ON t (a)").as_deref(),
            Some("CREATE INDEX \"unique\" ON t (a)")
        );
        assert_eq!(plain("CREATE INDEX unique_a ON t (a)"), None);
    }

    #[test]
    fn a_change_of_the_search_path_is_told_from_others() {
        for (sql, expected) in [
            ("SET search_path = clinic", true),
            ("set local Search_Path to clinic", true),
            ("SET application_name = 'search_path'", false),
            ("RESET ALL", false),
        ] {
            assert_eq!(Form::of(sql).sets_search_path(), expected, "{sql}");
        }
    }
}
