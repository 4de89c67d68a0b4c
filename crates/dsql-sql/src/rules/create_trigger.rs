//! CREATE TRIGGER.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_trigger",
    summary: "Triggers are not supported",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["create", "trigger"], &["create", "constraint", "trigger"]],
        message: Some("CREATE TRIGGER not supported"),
        advice: "triggers are not supported: set the columns with DEFAULT, a generated \
                 column, or in the application",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("DROP TRIGGER IF EXISTS touch ON pet"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON pet FOR EACH ROW EXECUTE FUNCTION f()"), @"0A000 CREATE TRIGGER not supported");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON pet FOR EACH ROW EXECUTE FUNCTION f()"), @"-- error: triggers are not supported: set the columns with DEFAULT, a generated column, or in the application [create_trigger]; the service answers 0A000: CREATE TRIGGER not supported");
    }
}
