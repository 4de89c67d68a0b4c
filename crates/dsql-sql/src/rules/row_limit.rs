//! Rows a transaction changes.

use super::prelude::*;

/// Raised by a transaction's state or by the server, not by a statement.
pub(super) static RULE: Rule = Rule {
    id: "row_limit",
    summary: "A transaction changes at most 3,000 rows",
    since: GA,
    page: page::QUOTAS,
    forms: &[],
    matches: Match::Elsewhere,
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::Refusal;
    use crate::transaction::TransactionState;

    #[test]
    fn accepted() {
        let mut transaction = TransactionState::default();
        assert_eq!(transaction.rows_changed(3_000), Ok(()));
        assert_eq!(transaction.rows_changed(1), Err(Refusal::row_limit()));
    }

    #[test]
    fn refused() {
        let refusal = Refusal::row_limit();
        assert_eq!(refusal.rule(), RULE.id());
        assert_snapshot!(refusal, @"transaction row limit exceeded (SQLSTATE 54000, rule row_limit)");
    }
}
