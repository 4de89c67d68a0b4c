//! UNLISTEN.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "unlisten",
    summary: "There are no notifications",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["unlisten"]],
        message: Some("unsupported statement: Unlisten"),
        advice: "there are no notifications: take the statement out",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT 1"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("UNLISTEN *"), @"0A000 unsupported statement: Unlisten");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("UNLISTEN *"), @"-- error: there are no notifications: take the statement out [unlisten]; the service answers 0A000: unsupported statement: Unlisten");
    }
}
