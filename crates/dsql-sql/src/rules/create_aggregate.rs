//! CREATE AGGREGATE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_aggregate",
    summary: "Aggregates cannot be created",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["create", "aggregate"]],
        // Refused, but how the service words it is not recorded.
        message: None,
        advice: "aggregates cannot be created: compute in the query",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE FUNCTION add(a int, b int) RETURNS int LANGUAGE sql RETURN a + b"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CREATE AGGREGATE total (int) (SFUNC = add, STYPE = int)"), @"accepted");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("CREATE OR REPLACE AGGREGATE total (int) (SFUNC = add, STYPE = int)"), @"-- error: aggregates cannot be created: compute in the query [create_aggregate]");
    }
}
