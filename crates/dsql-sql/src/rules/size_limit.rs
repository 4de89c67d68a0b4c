//! Data a transaction changes.

use super::prelude::*;

/// Raised by a transaction's state or by the server, not by a statement.
pub(super) static RULE: Rule = Rule {
    id: "size_limit",
    summary: "A transaction changes at most 10 MiB",
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
        let refusal = Refusal::size_limit(11);
        assert_eq!(refusal.rule(), RULE.id());
        assert_snapshot!(refusal, @"transaction size limit 10mb exceeded (SQLSTATE 54000, rule size_limit)");
    }
}
