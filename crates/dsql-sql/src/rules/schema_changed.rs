//! Changes of the catalog under a transaction.

use super::prelude::*;

/// Raised by a transaction's state or by the server, not by a statement.
pub(super) static RULE: Rule = Rule {
    id: "schema_changed",
    summary: "A transaction whose catalog another session has changed fails and is retried",
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
        let refusal = Refusal::schema_changed();
        assert_eq!(refusal.rule(), RULE.id());
        assert_snapshot!(refusal, @"schema has been updated by another transaction (OC001) (SQLSTATE 40001, rule schema_changed)");
    }
}
