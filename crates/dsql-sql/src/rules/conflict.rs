//! Conflicts between transactions.

use super::prelude::*;

/// Raised by a transaction's state or by the server, not by a statement.
pub(super) static RULE: Rule = Rule {
    id: "conflict",
    summary: "Of two transactions that change the same row, the later to commit fails and is retried",
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
        let refusal = Refusal::conflict();
        assert_eq!(refusal.rule(), RULE.id());
        assert_snapshot!(refusal, @"change conflicts with another transaction (OC000) (SQLSTATE 40001, rule conflict)");
    }
}
