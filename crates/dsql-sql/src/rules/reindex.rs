//! REINDEX.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "reindex",
    summary: "Indexes are not rebuilt in place",
    since: GA,
    page: page::CREATE_INDEX,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["reindex"]],
        // Refused, but how the service words it is not recorded.
        message: None,
        advice: "indexes are not rebuilt in place: drop and create the index",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("DROP INDEX pet_name"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("REINDEX TABLE pet"), @"accepted");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("REINDEX (VERBOSE) INDEX CONCURRENTLY pet_name"), @"-- error: indexes are not rebuilt in place: drop and create the index [reindex]");
    }
}
