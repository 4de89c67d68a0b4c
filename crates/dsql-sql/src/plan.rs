//! A plan: the steps that do on the service what a script asks for.

use std::fmt;

use crate::batches::Batches;
use crate::lookup::Lookup;
use crate::{Refusal, rules};

/// How to translate.
///
/// # Defaults
///
/// | field | default |
/// |---|---|
/// | `foreign_keys` | [`ForeignKeys::Native`] |
/// | `identity_cache` | 65536 |
/// | `batch_rows` | 1000 |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What becomes of foreign keys.
    pub foreign_keys: ForeignKeys,
    /// The CACHE of identity columns and sequences that name none or one the
    /// service refuses. It takes 1 or at least 65536; anything between is
    /// raised to 65536.
    pub identity_cache: u64,
    /// Rows a batch changes at most; held between 1 and the 3,000 rows a
    /// transaction may change.
    pub batch_rows: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            foreign_keys: ForeignKeys::Native,
            identity_cache: 65_536,
            batch_rows: 1_000,
        }
    }
}

impl Options {
    pub(crate) fn batch(&self) -> u32 {
        self.batch_rows.clamp(1, 3_000)
    }

    pub(crate) fn cache(&self) -> u64 {
        if self.identity_cache == 1 {
            1
        } else {
            self.identity_cache.max(65_536)
        }
    }
}

/// What becomes of foreign keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ForeignKeys {
    /// Created on the service, which has them since 26 August 2026.
    #[default]
    Native,
    /// Left out, each with a note.
    Omit,
}

/// What to run, in order, and what to know about it.
///
/// `Display` prints the plan as a script with comments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The steps, each in a transaction of its own.
    pub steps: Vec<Step>,
    /// What was changed and what now behaves differently.
    pub notes: Vec<Note>,
    /// What cannot be had. A plan with errors is not complete: run none of it.
    pub errors: Vec<PlanError>,
    pub(crate) changed: bool,
    /// The places of the statements that a lookup takes the place of.
    pub(crate) lookups: Vec<usize>,
    /// By step, the place of the statement, or of the transaction, that it
    /// comes from.
    pub(crate) origins: Vec<usize>,
    /// The places of statements that moved or were written otherwise, and of
    /// those that they moved into or that asked for it.
    pub(crate) moved: Vec<(usize, usize)>,
}

impl Plan {
    /// Is the script acceptable as it stands, so that it may be sent as it
    /// is? A script of several statements with DDL among them is not, since
    /// sent as one string it would be one transaction. There may be notes all
    /// the same, of what is accepted and yet not what it is on PostgreSQL, such
    /// as a numeric column without a precision.
    pub fn is_unchanged(&self) -> bool {
        let is_advice = |note: &Note| note.rule == rules::numeric_precision::ID;
        !self.changed && self.notes.iter().all(is_advice) && self.errors.is_empty()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for error in &self.errors {
            writeln!(f, "-- error: {}", one_line(&error.to_string()))?;
        }
        for note in &self.notes {
            writeln!(f, "-- note: {}", one_line(&note.to_string()))?;
        }
        for (number, step) in self.steps.iter().enumerate() {
            if number > 0 || !self.notes.is_empty() || !self.errors.is_empty() {
                writeln!(f)?;
            }
            write!(f, "{step}")?;
        }
        Ok(())
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One step of a plan: one transaction, except [`Step::Batches`], which is
/// one transaction a batch, and [`Step::Lookup`], which stands for several
/// steps.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// A DDL statement.
    Ddl(String),
    /// A DDL statement that answers a job id. The next step may rely on it
    /// only after `CALL sys.wait_for_job('<id>')` has answered true.
    AsyncDdl(String),
    /// Any other statement: it reads or writes rows, or sets the session.
    Dml(String),
    /// Statements that the script keeps in one explicit transaction, none of
    /// them DDL.
    Transaction(Transaction),
    /// A change of many rows, cut so that each batch stays under the limits.
    Batches(Batches),
    /// What to do hangs on what the catalog holds.
    Lookup(Lookup),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ddl(sql) | Self::Dml(sql) => write_statement(f, sql),
            Self::AsyncDdl(sql) => {
                write_statement(f, sql)?;
                writeln!(
                    f,
                    "-- answers a job id; then: CALL sys.wait_for_job('<job id>')"
                )
            }
            Self::Transaction(transaction) => {
                write_statement(f, &transaction.begin)?;
                for statement in &transaction.statements {
                    write_statement(f, statement)?;
                }
                writeln!(f, "COMMIT;")
            }
            Self::Batches(batches) => write_batches(f, batches),
            Self::Lookup(lookup) => {
                writeln!(
                    f,
                    "-- several steps, which hang on what the catalog holds; dsql apply looks it up:"
                )?;
                for line in lookup.statement().lines() {
                    writeln!(f, "-- {line}")?;
                }
                Ok(())
            }
        }
    }
}

fn write_batches(f: &mut fmt::Formatter<'_>, batches: &Batches) -> fmt::Result {
    let rows = batches.rows();
    let (key, of) = match batches.key_columns() {
        Some(key) if key.is_empty() => {
            writeln!(f, "-- {rows} rows a transaction, until it changes no row:")?;
            return write_statement(f, &batches.statement(&[], None, None));
        }
        Some(key) => (key, String::new()),
        None => {
            let of = format!(" (key = the primary key of {})", batches.table());
            (vec!["key".to_owned()], of)
        }
    };
    let place = vec!["…".to_owned(); key.len()];
    writeln!(f, "-- page by page, {rows} rows a transaction{of}:")?;
    write_statement(f, &batches.statement(&key, Some(&place), Some(&place)))
}

/// A closing line comment would swallow the semicolon.
fn write_statement(f: &mut fmt::Formatter<'_>, sql: &str) -> fmt::Result {
    let last_line = sql.rsplit('\n').next().unwrap_or(sql);
    let gap = if last_line.contains("--") { "\n" } else { "" };
    writeln!(f, "{sql}{gap};")
}

/// Statements that run in one transaction, in order, and may be retried as a
/// whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    pub(crate) begin: String,
    pub(crate) statements: Vec<String>,
}

impl Transaction {
    /// The statement that begins it, such as `BEGIN READ ONLY`.
    pub fn begin(&self) -> &str {
        &self.begin
    }

    /// What runs inside; neither the BEGIN nor the COMMIT is among them.
    pub fn statements(&self) -> &[String] {
        &self.statements
    }
}

/// What was changed, or what now behaves differently.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note {
    /// The rule that changed it.
    pub rule: &'static str,
    /// One sentence for the reader of the plan.
    pub message: String,
    /// Bytes from the start of the script.
    pub offset: usize,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.message, self.rule)
    }
}

/// What cannot be had, why, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} [{rule}]{}", said(.refusal))]
#[non_exhaustive]
pub struct PlanError {
    /// The rule that refuses.
    pub rule: &'static str,
    /// Why, and what to write instead.
    pub message: String,
    /// Bytes from the start of the script.
    pub offset: usize,
    /// What the service would answer, where its text is known.
    pub refusal: Option<Refusal>,
}

fn said(refusal: &Option<Refusal>) -> String {
    match refusal {
        Some(refusal) => {
            format!(
                "; the service answers {}: {}",
                refusal.sqlstate(),
                refusal.message()
            )
        }
        None => String::new(),
    }
}
