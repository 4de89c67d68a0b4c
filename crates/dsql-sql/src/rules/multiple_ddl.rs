//! Several DDL statements in one transaction.

use super::prelude::*;

/// Raised by a transaction's state or by the server, not by a statement.
pub(super) static RULE: Rule = Rule {
    id: "multiple_ddl",
    summary: "A transaction takes one DDL statement",
    since: GA,
    page: page::DDL,
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
        let refusal = Refusal::multiple_ddl();
        assert_eq!(refusal.rule(), RULE.id());
        assert_snapshot!(refusal, @"multiple ddl statements not supported in a transaction (SQLSTATE 0A000, rule multiple_ddl)");
    }
}
