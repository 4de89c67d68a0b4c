//! PREPARE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "prepare",
    summary: "Statements are prepared by the protocol, not in SQL",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["prepare"]],
        // Not recorded; the facts presume it from EXECUTE.
        message: Some("unsupported statement: Prepare"),
        advice: "PREPARE is not supported: let the driver prepare the statement",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT name FROM pet WHERE id = $1"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("PREPARE p (int) AS SELECT name FROM pet WHERE id = $1"), @"0A000 unsupported statement: Prepare");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("PREPARE p AS SELECT 1"), @"-- error: PREPARE is not supported: let the driver prepare the statement [prepare]; the service answers 0A000: unsupported statement: Prepare");
    }
}
