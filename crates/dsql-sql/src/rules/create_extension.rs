//! CREATE EXTENSION.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_extension",
    summary: "Extensions cannot be installed",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["create", "extension"]],
        message: Some("unsupported statement: CreateExtension"),
        advice: "extensions cannot be installed: take the statement out, and use what is \
                 built in (gen_random_uuid() needs no extension)",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT gen_random_uuid()"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE EXTENSION IF NOT EXISTS pgcrypto"), @"0A000 unsupported statement: CreateExtension");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("CREATE EXTENSION IF NOT EXISTS pgcrypto"), @"-- error: extensions cannot be installed: take the statement out, and use what is built in (gen_random_uuid() needs no extension) [create_extension]; the service answers 0A000: unsupported statement: CreateExtension");
    }
}
