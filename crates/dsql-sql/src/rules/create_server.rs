//! CREATE SERVER.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_server",
    summary: "Foreign servers are not supported",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["create", "server"]],
        // Refused, but how the service words it is not recorded.
        message: None,
        advice: "foreign servers are not supported: copy the rows, or read them in the application",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE SCHEMA clinic"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw"), @"accepted");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("CREATE SERVER IF NOT EXISTS other FOREIGN DATA WRAPPER postgres_fdw"), @"-- error: foreign servers are not supported: copy the rows, or read them in the application [create_server]");
    }
}
