//! CREATE FOREIGN TABLE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_foreign_table",
    summary: "Foreign tables are not supported",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["create", "foreign", "table"]],
        message: Some("unsupported statement: CreateForeignTable"),
        advice: "foreign tables are not supported: load the rows into a table",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE pet (id uuid PRIMARY KEY)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE FOREIGN TABLE pet (id int) SERVER s"), @"0A000 unsupported statement: CreateForeignTable");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("CREATE FOREIGN TABLE pet (id int) SERVER s"), @"-- error: foreign tables are not supported: load the rows into a table [create_foreign_table]; the service answers 0A000: unsupported statement: CreateForeignTable");
    }
}
