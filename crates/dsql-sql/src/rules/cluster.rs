//! CLUSTER.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "cluster",
    summary: "Rows are stored by primary key",
    since: GA,
    page: page::PRIMARY_KEYS,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["cluster"]],
        // Refused, but how the service words it is not recorded.
        message: None,
        advice: "rows are stored by primary key: take the statement out",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT 1 AS cluster"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CLUSTER pet USING pet_name"), @"accepted");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("CLUSTER"), @"-- error: rows are stored by primary key: take the statement out [cluster]");
    }
}
