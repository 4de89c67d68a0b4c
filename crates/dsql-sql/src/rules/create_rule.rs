//! CREATE RULE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_rule",
    summary: "Rules are not supported",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["create", "rule"]],
        // Refused, but how the service words it is not recorded.
        message: None,
        advice: "rules are not supported: use a view, or the application",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE VIEW dogs AS SELECT 1"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CREATE RULE keep AS ON DELETE TO pet DO INSTEAD NOTHING"), @"accepted");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("CREATE OR REPLACE RULE keep AS ON DELETE TO pet DO INSTEAD NOTHING"), @"-- error: rules are not supported: use a view, or the application [create_rule]");
    }
}
