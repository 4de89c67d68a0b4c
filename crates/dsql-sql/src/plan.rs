//! A plan: the steps that do on the service what a script asks for.

use std::fmt;

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
/// one transaction a batch.
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
            Self::Batches(batches) => {
                writeln!(
                    f,
                    "-- repeat until it changes no row (key = primary key of {}):",
                    batches.table
                )?;
                write_statement(f, &batches.statement(&["key".to_owned()]))
            }
        }
    }
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

/// A back-fill or a delete of many rows, one batch a transaction.
///
/// A batch picks its rows by primary key, which only the catalog knows: run
/// [`key_columns_query`](Self::key_columns_query), hand its answer to
/// [`statement`](Self::statement), and run that until it changes no row. It
/// may be stopped and begun again at any point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batches {
    pub(crate) table: String,
    pub(crate) only: bool,
    pub(crate) change: Change,
    pub(crate) rows: u32,
}

/// What a batch does to its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Delete,
    /// `SET column = value` where the column is null.
    Fill {
        column: String,
        value: String,
        may_be_null: bool,
    },
}

impl Batches {
    /// The table, qualified and quoted as in the script.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// A query that answers the names of the primary key's columns, in order
    /// and quoted where they need it, one text column. No row: no primary key.
    pub fn key_columns_query(&self) -> String {
        format!(
            "SELECT pg_catalog.quote_ident(a.attname) \
             FROM pg_catalog.pg_constraint c \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) \
             WHERE c.contype = 'p' AND c.conrelid = '{}'::pg_catalog.regclass \
             ORDER BY pg_catalog.array_position(c.conkey, a.attnum)",
            self.table.replace('\'', "''")
        )
    }

    /// One batch, given the columns that
    /// [`key_columns_query`](Self::key_columns_query) answered. Without any,
    /// it is one statement over the whole table, which the service refuses
    /// beyond 3,000 rows.
    pub fn statement(&self, key_columns: &[String]) -> String {
        let only = if self.only { "ONLY " } else { "" };
        let table = &self.table;
        let (verb, condition) = match &self.change {
            Change::Delete => (format!("DELETE FROM {only}{table}"), String::new()),
            Change::Fill {
                column,
                value,
                may_be_null,
            } => {
                let guard = if *may_be_null {
                    format!(" AND ({value}) IS NOT NULL")
                } else {
                    String::new()
                };
                (
                    format!("UPDATE {only}{table} SET {column} = {value}"),
                    format!(" WHERE {column} IS NULL{guard}"),
                )
            }
        };
        if key_columns.is_empty() {
            return format!("{verb}{condition}");
        }
        let list = key_columns.join(", ");
        let key = if key_columns.len() == 1 {
            list.clone()
        } else {
            format!("({list})")
        };
        format!(
            "{verb} WHERE {key} IN (SELECT {list} FROM {only}{table}{condition} LIMIT {})",
            self.rows
        )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delete_picks_its_rows_by_the_whole_key() {
        let batches = Batches {
            table: "s.t".into(),
            only: false,
            change: Change::Delete,
            rows: 500,
        };
        assert_eq!(
            batches.statement(&["a".into(), "\"B\"".into()]),
            "DELETE FROM s.t WHERE (a, \"B\") IN (SELECT a, \"B\" FROM s.t LIMIT 500)"
        );
        assert_eq!(batches.statement(&[]), "DELETE FROM s.t");
    }

    #[test]
    fn a_back_fill_never_turns_in_circles_on_a_null_value() {
        let batches = Batches {
            table: "t".into(),
            only: false,
            change: Change::Fill {
                column: "c".into(),
                value: "f()".into(),
                may_be_null: true,
            },
            rows: 10,
        };
        assert_eq!(
            batches.statement(&["id".into()]),
            "UPDATE t SET c = f() WHERE id IN (SELECT id FROM t WHERE c IS NULL AND (f()) IS NOT NULL LIMIT 10)"
        );
    }
}
