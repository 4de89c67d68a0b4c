//! REFRESH MATERIALIZED VIEW.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "refresh_materialized_view",
    summary: "Materialized views are not supported",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["refresh", "materialized", "view"]],
        // Refused, but how the service words it is not recorded.
        message: None,
        advice: "materialized views are not supported: use a view, or a table that the application fills",
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
        assert_snapshot!(checked("REFRESH MATERIALIZED VIEW dogs"), @"accepted");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("REFRESH MATERIALIZED VIEW CONCURRENTLY dogs"), @"-- error: materialized views are not supported: use a view, or a table that the application fills [refresh_materialized_view]");
    }
}
