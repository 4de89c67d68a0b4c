//! ALTER TEXT SEARCH CONFIGURATION.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "alter_text_search",
    summary: "Text search configurations cannot be changed",
    since: "2026-08-19",
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["alter", "text", "search", "configuration"]],
        message: Some("unsupported statement: AlterTSConfiguration"),
        advice: "text search configurations cannot be changed: use the configuration simple",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT to_tsquery('simple', 'cat')"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("ALTER TEXT SEARCH CONFIGURATION c DROP MAPPING FOR word"), @"0A000 unsupported statement: AlterTSConfiguration");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("ALTER TEXT SEARCH CONFIGURATION c DROP MAPPING FOR word"), @"-- error: text search configurations cannot be changed: use the configuration simple [alter_text_search]; the service answers 0A000: unsupported statement: AlterTSConfiguration");
    }
}
