//! The age of a transaction.

use super::prelude::*;

/// Raised by a transaction's state or by the server, not by a statement.
pub(super) static RULE: Rule = Rule {
    id: "age_limit",
    summary: "A transaction lives at most 300 seconds",
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

    #[test]
    fn refused() {
        let refusal = Refusal::age_limit(301);
        assert_eq!(refusal.rule(), RULE.id());
        assert_snapshot!(refusal, @"transaction age limit of 300s exceeded (SQLSTATE 54000, rule age_limit)");
    }
}
