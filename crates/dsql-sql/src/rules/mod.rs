//! The rulebook: one file a rule.
//!
//! A file holds the rule's data, how it finds its places, the service's own
//! answer, the fix, and three tests: what is accepted, what is refused, and
//! what the translator makes of it. The order below is the order in which
//! [`check`](crate::check()) asks, so it decides which refusal comes first.

use crate::Rule;

pub(crate) mod alter_table;
pub(crate) mod transaction_block;

mod column;
mod index_async;
mod name;
mod serial;
mod truncate;

/// Every rule, in the order in which the service is asked.
pub(crate) static RULES: &[&Rule] = &[
    &transaction_block::RULE,
    &truncate::RULE,
    &serial::RULE,
    &index_async::RULE,
];

/// Every rule: its identifier, what it says, since when, and the page that
/// documents it.
///
/// ```
/// let serial = dsql_sql::rules().find(|rule| rule.id() == "serial").unwrap();
/// assert!(serial.page().starts_with("https://docs.aws.amazon.com/"));
/// ```
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied()
}

/// What every rule file needs.
mod prelude {
    pub(super) use crate::lex::{Token, TokenKind};
    pub(super) use crate::rule::{Edit, Finding, Findings, Fix, Form, Match, Part, Rule, Subject};
    pub(super) use crate::tree;
    pub(super) use crate::{Kind, Refusal};
    pub(super) use squawk_syntax::{SyntaxKind as K, SyntaxNode};

    /// Pages of the user guide.
    pub(super) mod page {
        pub(crate) const COMPATIBILITY: &str =
            "working-with-postgresql-compatibility-migration-guide";
        pub(crate) const TYPES: &str = "working-with-postgresql-compatibility-supported-data-types";
        pub(crate) const CREATE_TABLE: &str = "create-table-syntax-support";
        pub(crate) const CREATE_INDEX: &str = "create-index-syntax-support";
        pub(crate) const ALTER_TABLE: &str = "alter-table-syntax-support";
        pub(crate) const SEQUENCES: &str = "sequences-identity-columns-working-with";
        pub(crate) const FOREIGN_KEYS: &str = "working-with-foreign-key-constraints";
        pub(crate) const CONCURRENCY: &str = "working-with-concurrency-control";
        pub(crate) const DDL: &str = "working-with-ddl";
        pub(crate) const PRIMARY_KEYS: &str = "working-with-primary-keys";
        pub(crate) const QUOTAS: &str = "CHAP_quotas";
        pub(crate) const SESSIONS: &str = "accessing";
    }

    /// The day the service became generally available: what was refused then
    /// and still is.
    pub(super) const GA: &str = "2025-05-27";
}

#[cfg(test)]
pub(crate) mod testing {
    use crate::{Options, Statement, check, translate};

    /// What the service answers.
    pub(crate) fn checked(sql: &str) -> String {
        match check(&Statement::new(sql)) {
            Ok(()) => "accepted".to_owned(),
            Err(refusal) => format!("{} {}", refusal.sqlstate(), refusal.message()),
        }
    }

    /// The plan, as printed.
    pub(crate) fn planned(sql: &str) -> String {
        translate(sql, &Options::default()).to_string()
    }
}
