//! CREATE DATABASE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_database",
    summary: "A cluster has one database, postgres",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["create", "database"]],
        message: Some("unsupported statement: Createdb"),
        advice: "a cluster has one database, postgres: use a schema (CREATE SCHEMA), or \
                 another cluster",
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
        assert_snapshot!(checked("create database clinic"), @"0A000 unsupported statement: Createdb");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("create database clinic"), @"-- error: a cluster has one database, postgres: use a schema (CREATE SCHEMA), or another cluster [create_database]; the service answers 0A000: unsupported statement: Createdb");
    }
}
