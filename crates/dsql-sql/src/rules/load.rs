//! LOAD.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "load",
    summary: "Libraries cannot be loaded",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["load"]],
        // Refused, but how the service words it is not recorded.
        message: None,
        advice: "libraries cannot be loaded: take the statement out",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT 1 AS load"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("LOAD 'auto_explain'"), @"accepted");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("LOAD 'auto_explain'"), @"-- error: libraries cannot be loaded: take the statement out [load]");
    }
}
