//! DISCARD.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "discard",
    summary: "A session is not reset, but opened anew",
    since: GA,
    page: page::SESSIONS,
    forms: &[Form::Session],
    matches: Match::Words {
        words: &[&["discard"]],
        // Refused, but how the service words it is not recorded.
        message: None,
        advice: "DISCARD is not supported: open a new connection",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("DEALLOCATE ALL"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("DISCARD ALL"), @"accepted");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("DISCARD PLANS"), @"-- error: DISCARD is not supported: open a new connection [discard]");
    }
}
