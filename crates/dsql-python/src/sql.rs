//! What a statement is, and whether the service has it.

use dsql_sql::{Kind, Statement, Verb};
use pyo3::prelude::*;

use crate::plan::PlanError;

/// What a statement is: `empty`, `ddl`, `write`, `read`, `begin`, `commit`, `rollback`, `savepoint`, `release`,
/// `rollback_to`, `prepare`, `set_transaction`, `session`, `call` or `other`.
#[pyfunction]
pub(crate) fn kind(sql: &str) -> &'static str {
    match Statement::new(sql).kind() {
        Kind::Empty => "empty",
        Kind::Ddl => "ddl",
        Kind::Write => "write",
        Kind::Read => "read",
        Kind::Transaction(verb) => match verb {
            Verb::Begin => "begin",
            Verb::Commit => "commit",
            Verb::Rollback => "rollback",
            Verb::Savepoint => "savepoint",
            Verb::Release => "release",
            Verb::RollbackTo => "rollback_to",
            Verb::Prepare => "prepare",
            Verb::SetTransaction => "set_transaction",
            _ => "other",
        },
        Kind::Session => "session",
        Kind::Call => "call",
        _ => "other",
    }
}

/// Does the statement lock the rows that it reads?
#[pyfunction]
pub(crate) fn locks_rows(sql: &str) -> bool {
    Statement::new(sql).locks_rows()
}

/// The statement without its locking clause; none when it has none.
#[pyfunction]
pub(crate) fn without_locks(sql: &str) -> Option<String> {
    Statement::new(sql).without_locks()
}

/// The statements of a script.
#[pyfunction]
pub(crate) fn split(py: Python<'_>, script: &str) -> Vec<String> {
    py.detach(|| {
        let statements = dsql_sql::split(script);
        statements
            .map(|statement| statement.text().to_owned())
            .collect()
    })
}

/// What the service would answer to the statement; none when it has it.
#[pyfunction]
pub(crate) fn check(py: Python<'_>, sql: &str) -> Option<PlanError> {
    py.detach(|| dsql_sql::check(&Statement::new(sql)))
        .err()
        .map(|refusal| PlanError::of_refusal(&refusal))
}
