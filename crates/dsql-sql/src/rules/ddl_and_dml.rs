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
    use crate::rules::testing::planned;
    use crate::transaction::TransactionState;
    use crate::{Kind, Refusal};

    #[test]
    fn accepted() {
        let mut transaction = TransactionState::default();
        assert_eq!(transaction.admit(Kind::Write), Ok(()));
        assert_eq!(transaction.admit(Kind::Read), Ok(()));
        assert_eq!(transaction.admit(Kind::Write), Ok(()));
    }

    #[test]
    fn refused() {
        let refusal = Refusal::ddl_and_dml();
        assert_eq!(refusal.rule(), RULE.id());
        assert_snapshot!(refusal, @"ddl and dml are not supported in the same transaction (SQLSTATE 0A000, rule ddl_and_dml)");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("BEGIN; CREATE TABLE a (b int); INSERT INTO a VALUES (1); COMMIT"), @"
        -- note: the service takes one DDL statement a transaction and no DML with it: each step commits by itself, and a failure leaves the steps before it in place [transaction_block]

        CREATE TABLE a (b int);

        BEGIN;
        INSERT INTO a VALUES (1);
        COMMIT;
        ");
    }
}
