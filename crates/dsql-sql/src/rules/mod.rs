//! The rulebook: one file a rule.
//!
//! A file holds the rule's data, how it finds its places, the service's own
//! answer, the fix, and tests: what is accepted, what is refused, and what the
//! translator makes of it. A new rule is a new file and a line in [`RULES`]; a
//! rule that the service has outgrown is both taken away, and its rows in the
//! tables of `conformance` turned to accepted.
//!
//! Where several rules refuse one statement, the first place in its text
//! decides; of an index the order of [`RULES`] does, which is the service's.
//!
//! `alter_table`, `column`, `constraint` and `name` are no rules but what
//! rules share.

use crate::Rule;
use crate::rule::Subject;

pub(crate) mod alter_table;
pub(crate) mod transaction_block;

mod add_column;
mod add_constraint;
pub(crate) mod add_primary_key;
pub(crate) mod add_unique;
mod advisory_lock;
mod age_limit;
pub(crate) mod alter_column_type;
mod alter_function;
mod alter_index;
mod alter_system;
mod alter_table_action;
mod alter_text_search;
pub(crate) mod alter_type;
pub(crate) mod array_column;
mod call_argument;
mod cluster;
pub(crate) mod column;
mod column_collation;
mod column_count;
mod column_type;
mod conflict;
pub(crate) mod constraint;
mod copy_file;
mod copy_rows;
mod create_aggregate;
mod create_database;
mod create_extension;
mod create_foreign_table;
mod create_materialized_view;
mod create_policy;
mod create_procedure;
mod create_rule;
mod create_server;
mod create_table_as;
mod create_tablespace;
mod create_text_search;
mod create_trigger;
pub(crate) mod create_type;
mod ddl_and_dml;
mod deallocate;
mod declare_cursor;
mod deferrable;
mod discard;
mod do_block;
mod drop_index_concurrently;
mod drop_primary_key;
mod drop_type;
mod execute;
mod foreign_key_clause;
mod foreign_keys;
mod function_body;
mod function_language;
mod function_leakproof;
mod function_result;
mod geometric_value;
mod grant_on_public;
mod group_by_all;
pub(crate) mod identity_cache;
mod identity_type;
mod index_async;
mod index_clause;
mod index_concurrently;
mod index_count;
mod index_include;
mod index_method;
mod index_name;
mod index_operator_class;
mod index_sort_order;
mod insert_rows;
mod isolation_level;
mod job_id;
mod key_columns;
mod key_size;
mod key_type;
mod listen;
mod load;
mod lock_table;
mod locking_clause;
mod merge;
mod message_length;
mod multiple_ddl;
pub(crate) mod name;
pub(crate) mod nesting;
mod notify;
pub(crate) mod numeric_precision;
mod partition_by;
mod prepare;
mod psql_command;
mod refresh_materialized_view;
mod reindex;
mod role_option;
mod row_level_security;
mod row_limit;
mod savepoint;
mod schema_changed;
mod select_into;
pub(crate) mod sequence_cache;
mod sequence_type;
mod serial;
mod session_characteristics;
mod set_config;
pub(crate) mod set_not_null;
mod set_parameter;
mod set_statistics;
mod set_transaction;
mod show_parameter;
mod size_limit;
mod statistics_target;
mod table_clause;
mod tablesample;
mod temporary_sequence;
mod temporary_table;
mod temporary_view;
mod text_search_configuration;
mod transaction_aborted;
mod truncate;
mod two_phase_commit;
mod type_size;
mod unavailable_function;
mod unlisten;
mod unlogged_table;
mod vacuum;
mod validate_constraint;
mod wait_for_job;

/// Every rule, in the order in which the service is asked.
pub(crate) static RULES: &[&Rule] = &[
    // Raised elsewhere than by a statement.
    &multiple_ddl::RULE,
    &ddl_and_dml::RULE,
    &row_limit::RULE,
    &size_limit::RULE,
    &age_limit::RULE,
    &conflict::RULE,
    &schema_changed::RULE,
    &transaction_aborted::RULE,
    &message_length::RULE,
    &job_id::RULE,
    &nesting::RULE,
    // Transactions and sessions.
    &transaction_block::RULE,
    &savepoint::RULE,
    &isolation_level::RULE,
    &set_transaction::RULE,
    &two_phase_commit::RULE,
    &session_characteristics::RULE,
    &set_parameter::RULE,
    &discard::RULE,
    &deallocate::RULE,
    // Statements as a whole.
    &truncate::RULE,
    &create_extension::RULE,
    &create_database::RULE,
    &create_tablespace::RULE,
    &create_foreign_table::RULE,
    &create_policy::RULE,
    &create_text_search::RULE,
    &alter_text_search::RULE,
    &create_trigger::RULE,
    &create_procedure::RULE,
    &create_materialized_view::RULE,
    &refresh_materialized_view::RULE,
    &create_server::RULE,
    &create_aggregate::RULE,
    &create_rule::RULE,
    &create_type::RULE,
    &alter_type::RULE,
    &drop_type::RULE,
    &vacuum::RULE,
    &alter_system::RULE,
    &listen::RULE,
    &notify::RULE,
    &unlisten::RULE,
    &lock_table::RULE,
    &load::RULE,
    &cluster::RULE,
    &reindex::RULE,
    &do_block::RULE,
    &declare_cursor::RULE,
    &prepare::RULE,
    &execute::RULE,
    &temporary_view::RULE,
    &function_language::RULE,
    &function_leakproof::RULE,
    &function_result::RULE,
    &function_body::RULE,
    &alter_function::RULE,
    &alter_index::RULE,
    &statistics_target::RULE,
    &grant_on_public::RULE,
    &role_option::RULE,
    &drop_index_concurrently::RULE,
    &psql_command::RULE,
    // Tables and columns.
    &temporary_table::RULE,
    &unlogged_table::RULE,
    &create_table_as::RULE,
    &partition_by::RULE,
    &table_clause::RULE,
    &foreign_keys::RULE,
    &foreign_key_clause::RULE,
    &add_column::RULE,
    &serial::RULE,
    &column_type::RULE,
    &array_column::RULE,
    &type_size::RULE,
    &numeric_precision::RULE,
    &column_collation::RULE,
    &identity_type::RULE,
    &identity_cache::RULE,
    &deferrable::RULE,
    &key_type::RULE,
    &key_size::RULE,
    &index_count::RULE,
    &column_count::RULE,
    // Sequences.
    &sequence_type::RULE,
    &sequence_cache::RULE,
    &temporary_sequence::RULE,
    // Indexes.
    &index_name::RULE,
    &index_concurrently::RULE,
    &index_method::RULE,
    &index_async::RULE,
    &index_sort_order::RULE,
    &index_operator_class::RULE,
    &index_include::RULE,
    &index_clause::RULE,
    &key_columns::RULE,
    // ALTER TABLE.
    &validate_constraint::RULE,
    &add_constraint::RULE,
    &add_unique::RULE,
    &add_primary_key::RULE,
    &drop_primary_key::RULE,
    &set_not_null::RULE,
    &alter_column_type::RULE,
    &set_statistics::RULE,
    &row_level_security::RULE,
    &alter_table_action::RULE,
    // Queries.
    &merge::RULE,
    &locking_clause::RULE,
    &tablesample::RULE,
    &group_by_all::RULE,
    &advisory_lock::RULE,
    &unavailable_function::RULE,
    &insert_rows::RULE,
    &set_config::RULE,
    &text_search_configuration::RULE,
    &wait_for_job::RULE,
    &call_argument::RULE,
    &show_parameter::RULE,
    &geometric_value::RULE,
    &select_into::RULE,
    &copy_file::RULE,
    &copy_rows::RULE,
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

/// A name as the catalog holds it: without quotes, or in lower case.
pub(crate) fn folded(written: &str) -> String {
    name::folded(written)
}

/// A name as a statement must write it.
pub(crate) fn quoted(name: &str) -> String {
    name::quoted(name)
}

/// `table_columns_label`, as PostgreSQL makes and cuts it.
pub(crate) fn default_name(table: &str, columns: &str, label: &str) -> String {
    name::default_name(table, columns, label)
}

/// The last name among the tokens of a stretch, as the catalog holds it.
pub(crate) fn last_name(subject: &Subject<'_>, start: usize, end: usize) -> String {
    let first = subject.tokens.partition_point(|token| token.start < start);
    let last = subject.tokens.partition_point(|token| token.end <= end);
    subject
        .tokens
        .get(first..last)
        .and_then(|tokens| tokens.iter().rfind(|token| token.is_name()))
        .map(|token| name::folded(token.text(subject.text)))
        .unwrap_or_default()
}

/// The value of a string constant without escapes.
pub(crate) fn literal(written: &str) -> Option<String> {
    let inner = written.strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inner.replace("''", "'"))
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
