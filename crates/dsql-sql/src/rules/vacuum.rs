//! VACUUM.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "vacuum",
    summary: "The service cleans up by itself",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["vacuum"]],
        message: Some("unsupported VACUUM statement"),
        advice: "the service cleans up by itself: take the statement out; ANALYZE is allowed",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("ANALYZE pet"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("VACUUM (ANALYZE) pet"), @"0A000 unsupported VACUUM statement");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("VACUUM (ANALYZE) pet"), @"-- error: the service cleans up by itself: take the statement out; ANALYZE is allowed [vacuum]; the service answers 0A000: unsupported VACUUM statement");
    }
}
