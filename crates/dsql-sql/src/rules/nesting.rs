//! Statements that nest too deeply to be read.

use super::prelude::*;

pub(crate) const ID: &str = "nesting";

pub(super) static RULE: Rule = Rule {
    id: ID,
    summary: "A statement that nests deeper than any real one does is not translated",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[],
    matches: Match::Elsewhere,
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    fn nested(depth: usize) -> String {
        format!(
            "CREATE TABLE t (a int CHECK ({}a > 0{}))",
            "(".repeat(depth),
            ")".repeat(depth)
        )
    }

    #[test]
    fn accepted() {
        assert_snapshot!(checked(&nested(100)), @"accepted");
    }

    #[test]
    fn planned_up_to_forty_brackets() {
        assert_snapshot!(planned(&nested(5)), @"CREATE TABLE t (a int CHECK ((((((a > 0)))))));");
        assert_snapshot!(planned(&nested(100)), @"-- error: the statement nests too deeply to be translated: write it with fewer brackets [nesting]");
    }
}
