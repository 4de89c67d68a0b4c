//! LOCK TABLE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "lock_table",
    summary: "Tables cannot be locked",
    since: "2026-08-07",
    page: page::CONCURRENCY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["lock"]],
        message: Some("unsupported statement: Lock"),
        advice: "tables cannot be locked: nothing waits here; lock the rows that decide with \
                 SELECT … FOR UPDATE, and retry on conflict",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT id FROM pet FOR UPDATE"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("LOCK TABLE pet IN EXCLUSIVE MODE"), @"0A000 unsupported statement: Lock");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("LOCK TABLE pet IN EXCLUSIVE MODE"), @"-- error: tables cannot be locked: nothing waits here; lock the rows that decide with SELECT … FOR UPDATE, and retry on conflict [lock_table]; the service answers 0A000: unsupported statement: Lock");
    }
}
