//! CREATE POLICY.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_policy",
    summary: "Row level security is not supported",
    since: "2026-08-19",
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["create", "policy"]],
        message: Some("unsupported statement: CreatePolicy"),
        advice: "row level security is not supported: filter in a view, and grant on the view \
                 instead of the table",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE VIEW mine AS SELECT * FROM pet"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE POLICY p ON pet USING (true)"), @"0A000 unsupported statement: CreatePolicy");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("CREATE POLICY p ON pet USING (true)"), @"-- error: row level security is not supported: filter in a view, and grant on the view instead of the table [create_policy]; the service answers 0A000: unsupported statement: CreatePolicy");
    }
}
