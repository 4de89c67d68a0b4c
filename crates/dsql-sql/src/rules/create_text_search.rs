//! CREATE TEXT SEARCH ….

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_text_search",
    summary: "Text search objects cannot be created",
    since: "2026-08-19",
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["create", "text", "search"]],
        message: Some("unsupported statement: Define"),
        advice: "text search objects cannot be created: use the configuration simple",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT to_tsvector('simple', 'a cat')"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TEXT SEARCH CONFIGURATION c (COPY = simple)"), @"0A000 unsupported statement: Define");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("CREATE TEXT SEARCH CONFIGURATION c (COPY = simple)"), @"-- error: text search objects cannot be created: use the configuration simple [create_text_search]; the service answers 0A000: unsupported statement: Define");
    }
}
