//! DDL with DML in one transaction.

use super::prelude::*;

/// Raised by a transaction's state or by the server, not by a statement.
pub(super) static RULE: Rule = Rule {
    id: "ddl_and_dml",
    summary: "A transaction takes DDL or DML, not both",
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
        let refusal = Refusal::ddl_and_dml();
        assert_eq!(refusal.rule(), RULE.id());
        assert_snapshot!(refusal, @"ddl and dml are not supported in the same transaction (SQLSTATE 0A000, rule ddl_and_dml)");
    }
}
