//! SET SESSION CHARACTERISTICS.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "session_characteristics",
    summary: "A session has no transaction modes",
    since: GA,
    page: page::CONCURRENCY,
    forms: &[Form::Session],
    matches: Match::Words {
        words: &[&["set", "session", "characteristics"]],
        // Refused, but how the service words it is not recorded.
        message: None,
        advice: "a session has no transaction modes: write them on BEGIN, such as BEGIN READ ONLY",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("BEGIN READ ONLY"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"), @"accepted");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE"), @"-- error: a session has no transaction modes: write them on BEGIN, such as BEGIN READ ONLY [session_characteristics]");
    }
}
