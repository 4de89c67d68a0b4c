//! What Aurora DSQL accepts: split a script, check a statement, translate it.
//!
//! ```
//! use dsql_sql::{Options, translate};
//!
//! let plan = translate(
//!     "CREATE TABLE pet (id bigserial PRIMARY KEY, name text); CREATE INDEX ON pet (name);",
//!     &Options::default(),
//! );
//! for step in &plan.steps {
//!     print!("{step}");
//! }
//! assert_eq!(plan.steps.len(), 2);
//! assert!(plan.errors.is_empty());
//! ```
//!
//! Pure: no I/O, no clock, no global state. Everything about the service's
//! SQL surface is written once, as [`rules()`], one file a rule, and read
//! three ways: [`check`] raises a rule's refusal in the server's own words,
//! [`translate`] applies its fix, and a linter reports both.
//!
//! | to | use |
//! |---|---|
//! | cut a script into statements | [`split`] |
//! | tell DDL, reads, writes and transaction control apart, without parsing | [`Statement::kind`] |
//! | know whether the service would refuse a statement | [`check`] |
//! | ask several things of one statement | [`Statement::scan`] |
//! | know whether it would refuse it in this transaction | [`transaction::TransactionState`] |
//! | name every place in a script that it would refuse | [`lint`](lint()) |
//! | bring a script into a form the service accepts | [`translate`], [`fix`] |
//! | read a statement that answers a job id | [`async_ddl`] |
//! | write a text as a string constant | [`quote_literal`](quote_literal()) |
//! | know what the service was seen to answer | [`conformance`] |

mod batches;
mod check;
pub mod conformance;
mod create_as;
mod domain_value;
mod dropped;
mod fold;
mod job;
mod lex;
mod lint;
mod lookup;
mod plan;
mod quote_literal;
mod rebuild;
mod refusal;
mod rows;
mod rule;
mod rules;
mod scanned;
mod split;
mod statement;
mod storage;
pub mod transaction;
mod translate;
mod tree;
mod values;
mod words;
mod written_tables;

pub use batches::Batches;
pub use check::check;
pub use dropped::{DroppedColumns, dropped_columns};
pub use job::{AsyncDdl, JobType, async_ddl};
pub use lint::{Diagnostic, Remedy, fix, lint, lint_with};
pub use lookup::Lookup;
pub use plan::{ForeignKeys, Note, Options, Plan, PlanError, Step, Transaction};
pub use quote_literal::quote_literal;
pub use refusal::Refusal;
pub use rule::Rule;
pub use rules::rules;
pub use scanned::Scanned;
pub use split::split;
pub use statement::{Kind, Statement, Verb};
pub use storage::{WithoutStorage, without_storage};
pub use translate::translate;
