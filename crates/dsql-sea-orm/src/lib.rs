//! Aurora DSQL for SeaORM: an application written for PostgreSQL runs on
//! Aurora DSQL by changing its connection line.
//!
//! ```no_run
//! # mod owner {
//! #     use sea_orm::entity::prelude::*;
//! #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
//! #     #[sea_orm(table_name = "owner")]
//! #     pub struct Model {
//! #         #[sea_orm(primary_key)]
//! #         pub id: i64,
//! #         pub name: String,
//! #     }
//! #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
//! #     pub enum Relation {}
//! #     impl ActiveModelBehavior for ActiveModel {}
//! # }
//! # struct Migrator;
//! # impl sea_orm_migration::MigratorTrait for Migrator {
//! #     fn migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> { Vec::new() }
//! # }
//! use dsql_sea_orm::{Dsql, DsqlMigrator};
//! use sea_orm::{DbErr, entity::*};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), DbErr> {
//!     let db = Dsql::from_env().await?; // DSQL_URL=dsql://admin@<cluster-id>.dsql.us-east-1.on.aws/postgres
//!     DsqlMigrator::<Migrator>::up(&db, None).await?; // your migrator, as it is
//!
//!     let ada = owner::ActiveModel { name: Set("Ada".into()), ..Default::default() };
//!     let ada = ada.insert(&db).await?;
//!
//!     db.transact_async(async |tx| { // run again when another transaction was first
//!         let mut ada = owner::Entity::find_by_id(ada.id).one(tx).await?.unwrap().into_active_model();
//!         ada.name = Set("Ada Lovelace".into());
//!         ada.update(tx).await
//!     }).await?;
//!     Ok(())
//! }
//! ```
//!
//! [`Dsql`] goes wherever SeaORM takes a connection: entities, loaders,
//! paginator, cursor, streams, raw SQL, nested saves, the schema builder.
//!
//! # What is different from a `DatabaseConnection`
//!
//! - **DDL is translated.** What `execute`, `execute_raw` and
//!   `execute_unprepared` are given is looked at by its first keyword; DDL
//!   becomes a plan (`CREATE INDEX` → `CREATE INDEX ASYNC`, then the job is
//!   awaited) and the plan is run, one transaction a step. Notes go to
//!   `tracing` and to [`Dsql::on_translate`]. Everything else goes to SQLx as it is.
//! - **Nested transactions join.** `begin` on a transaction sends nothing. An
//!   inner rollback, or a database error that was swallowed, dooms the outer
//!   transaction: its COMMIT fails with an error that says so. No SAVEPOINT is
//!   ever sent, so nested saves of `ActiveModelEx` work.
//! - **Conflicts are retried** by [`Dsql::transact`] and
//!   [`Dsql::transact_async`], and for single statements outside transactions
//!   as long as nothing was handed to the caller. `begin`, `transaction` and
//!   the rest of `TransactionTrait` run once, as in SeaORM.
//! - **Isolation** is repeatable read and cannot be chosen.
//!   `begin_with_config` takes `None` or `RepeatableRead`, and puts `READ ONLY`
//!   on BEGIN.
//! - **DDL in a transaction** is taken when it comes to a single DDL
//!   statement, which must then be the transaction's only statement, as the
//!   service demands; otherwise it is an error that says to run it outside.
//! - **Numbered keys are `i64`.** Identity columns are `bigint`; an entity whose
//!   key is `i32` cannot read them.
//! - **Errors** tell their class by [`ErrorExt`].

mod connection;
mod ddl;
mod dsql;
mod error;
mod get_or_create;
mod in_batches;
#[cfg(feature = "migration")]
mod migration;
#[cfg(feature = "schema-sync")]
mod schema;
mod stream;
mod transact;
mod transaction;

pub use ddl::Translation;
pub use dsql::Dsql;
pub use dsql_sql::{ForeignKeys, Options};
pub use dsql_sqlx::{
    BatchReport, Config, DsqlPool, ErrorClass, FailedAttempt, PoolBuilder, Progress, RetryPolicy,
};
pub use error::ErrorExt;
pub use in_batches::{BatchError, ChangeInBatches, InsertInBatches};
#[cfg(feature = "migration")]
pub use migration::DsqlMigrator;
pub use stream::DsqlStream;
pub use transaction::DsqlTransaction;

/// The program in README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// The programs in its guide compile.
#[cfg(all(doctest, feature = "migration"))]
#[doc = include_str!("../../../docs/sea-orm.md")]
struct Guide;
