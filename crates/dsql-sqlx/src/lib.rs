//! Aurora DSQL for SQLx: a pool that signs in by IAM token, transactions that
//! are retried, and a runner for the plans that [`dsql_sql::translate`] makes.
//!
//! ```no_run
//! use dsql_sqlx::DsqlPool;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), dsql_sqlx::Error> {
//!     let pool = DsqlPool::connect("dsql://admin@localhost:5432/postgres?region=us-east-1").await?;
//!
//!     // Run again from the start when another transaction was first.
//!     let visits: i64 = pool
//!         .transact_async(async |tx| {
//!             sqlx::query("UPDATE pet SET visits = visits + 1 WHERE id = $1")
//!                 .bind(1_i64)
//!                 .execute(&mut *tx)
//!                 .await?;
//!             let visits = sqlx::query_scalar("SELECT visits FROM pet WHERE id = $1")
//!                 .bind(1_i64)
//!                 .fetch_one(&mut *tx)
//!                 .await?;
//!             Ok::<_, dsql_sqlx::Error>(visits)
//!         })
//!         .await?;
//!     println!("{visits} visits");
//!     Ok(())
//! }
//! ```
//!
//! # What is different from a `PgPool`
//!
//! - Every connection is made with a fresh IAM token. SQLx has no hook before
//!   a connect, so [`DsqlPool::acquire`] looks at a deadline (one atomic load)
//!   and, when it has passed, hands the pool a new token first. Nothing
//!   depends on a timer alone, so a process that was frozen wakes up safely.
//! - Connections are retired between 50 and 55 minutes of age, each at a time
//!   of its own; the service closes them at 60.
//! - TLS verifies the server's name and certificate; `application_name`
//!   follows the convention of the AWS connectors unless you set one.
//! - `&pool` is an executor, as `&PgPool` is, and runs a single statement again
//!   where that does no harm: see [`DsqlPool::retrying`].
//! - [`DsqlPool::transact`] and [`DsqlPool::transact_async`] retry conflicts.
//!   A connection lost during COMMIT surfaces as [`Error::Ambiguous`] unless
//!   the [`RetryPolicy`] says that the work is idempotent.
//! - A dropped future leaves no transaction open on a pooled connection, not
//!   even when it is dropped while BEGIN is on its way.

mod apply;
mod attempts;
mod digest;
mod error;
mod in_batches;
mod job;
mod lock;
#[cfg(feature = "migrate")]
mod migrate;
mod own_table;
mod pool;
mod progress;
mod recorder;
mod retry;
#[cfg(feature = "executor")]
mod retrying;
mod run;
mod run_plan;
mod runner;
mod schema_change;
mod single;

mod token;
mod transact;
mod transaction;

/// The tables that this crate keeps in the current schema, each made when it
/// is first needed: the lock, the journal of runs, the records of code.
pub const OWN_TABLES: [&str; 3] = [lock::TABLE, apply::JOURNAL, recorder::TABLE];

pub use apply::ApplyOptions;
pub use attempts::{Attempts, Failure};
pub use dsql_connect::{Config, ErrorClass, FailedAttempt, RetryPolicy};
pub use error::{Error, ErrorExt};
pub use in_batches::{BatchError, BatchFuture, BatchReport, InBatches};
pub use lock::{Holder, Lock, LockOptions};
#[cfg(feature = "migrate")]
pub use migrate::{Migrated, MigrationState, MigrationStatus, Migrations};
pub use pool::{DsqlPool, PoolBuilder};
pub use progress::{Progress, Report, StepNumber, StepReport};
pub use recorder::{Entry, Recorded, Recorder, Recording, RunRecorded};
pub use retry::Retries;
#[cfg(feature = "executor")]
pub use retrying::Retrying;
pub use single::StatementAttempts;
/// SQLx, the version that this crate is built on.
pub use sqlx;
pub use transact::TransactError;
pub use transaction::Transaction;

/// The programs in its guide compile.
#[cfg(all(doctest, feature = "migrate"))]
#[doc = include_str!("../../../docs/sqlx.md")]
struct Guide;
