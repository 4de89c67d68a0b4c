//! The rules that hold for a transaction as a whole.

use std::time::Duration;

use crate::{Kind, Refusal, Verb};

/// Rows one transaction may insert, update or delete, cascades included.
pub const ROWS: u64 = 3_000;

/// Bytes one transaction may change, row and index-entry overhead included.
/// The service checks it at COMMIT.
pub const BYTES: u64 = 10 * 1024 * 1024;

/// How old a transaction may become. A running statement is not cut; the next
/// one, or COMMIT, fails.
pub const AGE: Duration = Duration::from_secs(300);

/// What a transaction has done so far, as the rules see it. A statement
/// outside `BEGIN … COMMIT` is a transaction of its own, and so is a string
/// of several statements sent by the simple protocol.
///
/// ```
/// use dsql_sql::{Kind, transaction::TransactionState};
///
/// let mut transaction = TransactionState::default();
/// transaction.admit(Kind::Ddl)?;
/// let refusal = transaction.admit(Kind::Write).unwrap_err();
/// assert_eq!(refusal.message(), "ddl and dml are not supported in the same transaction");
/// # Ok::<(), dsql_sql::Refusal>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransactionState {
    ddl: bool,
    dml: bool,
    rows: u64,
}

impl TransactionState {
    /// Takes the next statement in, or says why the service refuses it here.
    /// A statement that begins or ends a transaction starts afresh.
    pub fn admit(&mut self, kind: Kind) -> Result<(), Refusal> {
        match kind {
            Kind::Ddl if self.ddl => return Err(Refusal::multiple_ddl()),
            Kind::Ddl if self.dml => return Err(Refusal::ddl_and_dml()),
            Kind::Write if self.ddl => return Err(Refusal::ddl_and_dml()),
            Kind::Ddl => self.ddl = true,
            Kind::Write => self.dml = true,
            Kind::Transaction(Verb::Begin | Verb::Commit | Verb::Rollback) => {
                *self = Self::default();
            }
            _ => {}
        }
        Ok(())
    }

    /// Counts rows a statement changed. Exactly [`ROWS`] pass; the statement
    /// that crosses fails.
    pub fn rows_changed(&mut self, rows: u64) -> Result<(), Refusal> {
        self.rows = self.rows.saturating_add(rows);
        if self.rows > ROWS {
            Err(Refusal::row_limit())
        } else {
            Ok(())
        }
    }

    /// Rows changed so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_ddl_statement_is_all_a_transaction_takes() {
        let mut transaction = TransactionState::default();
        assert!(transaction.admit(Kind::Ddl).is_ok());
        assert_eq!(transaction.admit(Kind::Ddl), Err(Refusal::multiple_ddl()));
        assert!(transaction.admit(Kind::Transaction(Verb::Commit)).is_ok());
        assert!(transaction.admit(Kind::Ddl).is_ok());
    }

    #[test]
    fn ddl_and_dml_do_not_mix_but_reads_do() {
        let mut transaction = TransactionState::default();
        assert!(transaction.admit(Kind::Read).is_ok());
        assert!(transaction.admit(Kind::Write).is_ok());
        assert_eq!(transaction.admit(Kind::Ddl), Err(Refusal::ddl_and_dml()));
    }

    #[test]
    fn three_thousand_rows_pass_and_one_more_fails() {
        let mut transaction = TransactionState::default();
        assert!(transaction.rows_changed(2_999).is_ok());
        assert!(transaction.rows_changed(1).is_ok());
        assert_eq!(transaction.rows_changed(1), Err(Refusal::row_limit()));
    }
}
