//! CREATE TABLESPACE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_tablespace",
    summary: "Storage is the service's own: there are no tablespaces",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["create", "tablespace"]],
        message: Some("unsupported statement: CreateTableSpace"),
        advice: "storage is the service's own: take the statement and every TABLESPACE clause \
                 out",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE SCHEMA clinic"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TABLESPACE fast LOCATION '/fast'"), @"0A000 unsupported statement: CreateTableSpace");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("CREATE TABLESPACE fast LOCATION '/fast'"), @"-- error: storage is the service's own: take the statement and every TABLESPACE clause out [create_tablespace]; the service answers 0A000: unsupported statement: CreateTableSpace");
    }
}
