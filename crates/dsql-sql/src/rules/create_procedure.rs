//! CREATE PROCEDURE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_procedure",
    summary: "Procedures are not supported",
    since: "2026-08-19",
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["create", "procedure"]],
        message: Some("PROCEDURE is not supported"),
        advice: "procedures are not supported: write a function with LANGUAGE sql",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE FUNCTION one() RETURNS int LANGUAGE sql RETURN 1"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE OR REPLACE PROCEDURE p() LANGUAGE sql AS 'select 1'"), @"0A000 PROCEDURE is not supported");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("CREATE OR REPLACE PROCEDURE p() LANGUAGE sql AS 'select 1'"), @"-- error: procedures are not supported: write a function with LANGUAGE sql [create_procedure]; the service answers 0A000: PROCEDURE is not supported");
    }
}
