//! CREATE MATERIALIZED VIEW.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_materialized_view",
    summary: "Materialized views are not supported",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["create", "materialized", "view"]],
        message: Some("unsupported statement: CreateTableAs"),
        advice: "materialized views are not supported: write CREATE VIEW, or a table that the \
                 application fills",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE VIEW v AS SELECT 1"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE MATERIALIZED VIEW v AS SELECT 1"), @"0A000 unsupported statement: CreateTableAs");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("CREATE MATERIALIZED VIEW v AS SELECT 1"), @"-- error: materialized views are not supported: write CREATE VIEW, or a table that the application fills [create_materialized_view]; the service answers 0A000: unsupported statement: CreateTableAs");
    }
}
