//! LISTEN.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "listen",
    summary: "There are no notifications",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["listen"]],
        message: Some("unsupported statement: Listen"),
        advice: "there are no notifications: poll a table, or use a queue",
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
        assert_snapshot!(checked("LISTEN pets"), @"0A000 unsupported statement: Listen");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("LISTEN pets"), @"-- error: there are no notifications: poll a table, or use a queue [listen]; the service answers 0A000: unsupported statement: Listen");
    }
}
