//! ALTER SYSTEM.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "alter_system",
    summary: "Server parameters cannot be changed",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["alter", "system"]],
        message: Some("unsupported statement: AlterSystem"),
        advice: "server parameters cannot be changed: take the statement out",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SET search_path = clinic"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("ALTER SYSTEM SET work_mem = '64MB'"), @"0A000 unsupported statement: AlterSystem");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("ALTER SYSTEM SET work_mem = '64MB'"), @"-- error: server parameters cannot be changed: take the statement out [alter_system]; the service answers 0A000: unsupported statement: AlterSystem");
    }
}
