//! BEGIN … COMMIT around DDL.

use super::prelude::*;

pub(crate) const ID: &str = "transaction_block";

pub(super) static RULE: Rule = Rule {
    id: ID,
    summary: "A transaction takes one DDL statement, and no DML with it",
    since: GA,
    page: page::DDL,
    forms: &[],
    matches: Match::Elsewhere,
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::planned;

    #[test]
    fn dml_alone_stays_in_its_transaction() {
        assert_snapshot!(planned("BEGIN READ WRITE; INSERT INTO a VALUES (1); UPDATE b SET c = 1; COMMIT"), @"
        BEGIN READ WRITE;
        INSERT INTO a VALUES (1);
        UPDATE b SET c = 1;
        COMMIT;
        ");
    }

    #[test]
    fn ddl_leaves_it_statement_by_statement() {
        assert_snapshot!(planned("BEGIN; CREATE TABLE a (); INSERT INTO a DEFAULT VALUES; INSERT INTO a DEFAULT VALUES; CREATE TABLE b (); END"), @"
        -- note: the service takes one DDL statement a transaction and no DML with it: each step commits by itself, and a failure leaves the steps before it in place [transaction_block]

        CREATE TABLE a ();

        BEGIN;
        INSERT INTO a DEFAULT VALUES;
        INSERT INTO a DEFAULT VALUES;
        COMMIT;

        CREATE TABLE b ();
        ");
    }

    #[test]
    fn one_that_the_script_rolls_back_is_not_run() {
        assert_snapshot!(planned("BEGIN; TRUNCATE a; ROLLBACK"), @"-- note: the script rolls this transaction back, so none of it is run [transaction_block]");
    }

    #[test]
    fn one_that_never_ends_is_an_error() {
        assert_snapshot!(planned("BEGIN; CREATE TABLE a ()"), @"-- error: a transaction is begun here and never ended: write COMMIT, or ROLLBACK, after it [transaction_block]");
    }

    #[test]
    fn set_local_does_not_reach_beyond_its_step() {
        assert_snapshot!(planned("BEGIN; SET LOCAL search_path = a; CREATE TABLE b (); COMMIT"), @"
        -- error: SET LOCAL ends with its transaction, and this one is cut into steps: write SET [transaction_block]
        -- note: the service takes one DDL statement a transaction and no DML with it: each step commits by itself, and a failure leaves the steps before it in place [transaction_block]

        BEGIN;
        SET LOCAL search_path = a;
        COMMIT;

        CREATE TABLE b ();
        ");
    }
}
