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
    use crate::rules::testing::planned;
    use crate::transaction::TransactionState;
    use crate::{Kind, Refusal};

    #[test]
    fn accepted() {
        let mut transaction = TransactionState::default();
        assert_eq!(transaction.admit(Kind::Ddl), Ok(()));
        assert_eq!(transaction.admit(Kind::Read), Ok(()));
    }

    #[test]
    fn refused() {
        let refusal = Refusal::multiple_ddl();
        assert_eq!(refusal.rule(), RULE.id());
        assert_snapshot!(refusal, @"multiple ddl statements not supported in a transaction (SQLSTATE 0A000, rule multiple_ddl)");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("BEGIN; CREATE TABLE a (b int); CREATE INDEX ASYNC c ON a (b); COMMIT"), @"
        -- note: the service takes one DDL statement a transaction and no DML with it: each step commits by itself, and a failure leaves the steps before it in place [transaction_block]

        CREATE TABLE a (b int);

        CREATE INDEX ASYNC c ON a (b);
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }
}
