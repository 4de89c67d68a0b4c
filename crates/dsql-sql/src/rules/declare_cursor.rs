//! DECLARE CURSOR.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "declare_cursor",
    summary: "Cursors are not supported",
    since: "2026-08-17",
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["declare"]],
        message: Some("unsupported statement: DeclareCursor"),
        advice: "cursors are not supported: page by key (WHERE id > … ORDER BY id LIMIT …), \
                 or fetch by portal through the driver",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT id FROM pet ORDER BY id LIMIT 100"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("DECLARE c CURSOR WITH HOLD FOR SELECT 1"), @"0A000 unsupported statement: DeclareCursor");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("DECLARE c CURSOR WITH HOLD FOR SELECT 1"), @"-- error: cursors are not supported: page by key (WHERE id > … ORDER BY id LIMIT …), or fetch by portal through the driver [declare_cursor]; the service answers 0A000: unsupported statement: DeclareCursor");
    }
}
