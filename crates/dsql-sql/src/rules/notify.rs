//! NOTIFY.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "notify",
    summary: "There are no notifications",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["notify"]],
        message: Some("unsupported statement: Notify"),
        advice: "there are no notifications: write a row that others poll, or use a queue",
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
        assert_snapshot!(checked("NOTIFY pets, 'new'"), @"0A000 unsupported statement: Notify");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("NOTIFY pets, 'new'"), @"-- error: there are no notifications: write a row that others poll, or use a queue [notify]; the service answers 0A000: unsupported statement: Notify");
    }
}
