//! Statements after a failure.

use super::prelude::*;

/// Raised by a transaction's state or by the server, not by a statement.
pub(super) static RULE: Rule = Rule {
    id: "transaction_aborted",
    summary: "A transaction that has failed takes nothing but its end",
    since: GA,
    page: page::CONCURRENCY,
    forms: &[],
    matches: Match::Elsewhere,
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::Refusal;

    #[test]
    fn refused() {
        let refusal = Refusal::transaction_aborted();
        assert_eq!(refusal.rule(), RULE.id());
        assert_snapshot!(refusal, @"current transaction is aborted, commands ignored until end of transaction block (SQLSTATE 25P02, rule transaction_aborted)");
    }
}
