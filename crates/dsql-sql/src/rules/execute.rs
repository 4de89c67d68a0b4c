//! EXECUTE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "execute",
    summary: "Statements are prepared by the protocol, not in SQL",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["execute"]],
        message: Some("unsupported statement: Execute"),
        advice: "EXECUTE is not supported: let the driver prepare the statement, or send it \
                 as it is",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT 1"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("EXECUTE p (1)"), @"0A000 unsupported statement: Execute");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("EXECUTE p (1)"), @"-- error: EXECUTE is not supported: let the driver prepare the statement, or send it as it is [execute]; the service answers 0A000: unsupported statement: Execute");
    }
}
