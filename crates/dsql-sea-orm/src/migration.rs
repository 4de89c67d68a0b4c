//! Migrators of sea-orm-migration.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use sea_orm::{DatabaseConnection, DbBackend, DbErr, DynIden, ProxyDatabaseConnector};
use sea_orm_migration::{
    MigrationName, MigrationStatus, MigrationTrait, MigratorTrait, SchemaManager,
};

use crate::Dsql;
use crate::proxy::Proxy;

/// Runs the migrations of a migrator written for PostgreSQL, unmodified.
///
/// ```no_run
/// # use sea_orm_migration::prelude::*;
/// # struct Migrator;
/// # impl MigratorTrait for Migrator {
/// #     fn migrations() -> Vec<Box<dyn MigrationTrait>> { Vec::new() }
/// # }
/// use dsql_sea_orm::{Dsql, DsqlMigrator};
///
/// # async fn f() -> Result<(), sea_orm::DbErr> {
/// let db = Dsql::from_env().await?;
/// DsqlMigrator::<Migrator>::up(&db, None).await?;
/// # Ok(()) }
/// ```
///
/// Each statement of a migration is translated and run by itself, one
/// transaction a step; asynchronous jobs are awaited before the next
/// statement. SeaORM's table `seaql_migrations` says which migrations were
/// applied, as always, and a migration is entered there after its last
/// statement.
///
/// Since DDL cannot be rolled back together, a migration that fails half-way
/// stays half-way and is run again from its first statement the next time;
/// `if_not_exists()` makes that painless. `manager.begin()` and transactions on
/// `manager.get_connection()` begin nothing: what is run in them is committed
/// statement by statement, and a rollback is only logged. Run one migrator at
/// a time.
pub struct DsqlMigrator<M>(PhantomData<M>);

impl<M> fmt::Debug for DsqlMigrator<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DsqlMigrator")
    }
}

impl<M: MigratorTrait> DsqlMigrator<M> {
    /// Applies pending migrations, all or the first `steps`.
    pub async fn up(db: &Dsql, steps: Option<u32>) -> Result<(), DbErr> {
        Adapted::<M>::up(&proxy(db).await?, steps).await
    }

    /// Takes back applied migrations, all or the last `steps`.
    pub async fn down(db: &Dsql, steps: Option<u32>) -> Result<(), DbErr> {
        Adapted::<M>::down(&proxy(db).await?, steps).await
    }

    /// Drops all tables, then applies all migrations.
    pub async fn fresh(db: &Dsql) -> Result<(), DbErr> {
        Adapted::<M>::fresh(&proxy(db).await?).await
    }

    /// Takes back all applied migrations, then applies all.
    pub async fn refresh(db: &Dsql) -> Result<(), DbErr> {
        Adapted::<M>::refresh(&proxy(db).await?).await
    }

    /// Takes back all applied migrations and drops the table that lists them.
    pub async fn reset(db: &Dsql) -> Result<(), DbErr> {
        Adapted::<M>::reset(&proxy(db).await?).await
    }

    /// Each migration with its status, in order. Changes nothing, not even to
    /// create the table that lists them.
    pub async fn status(db: &Dsql) -> Result<Vec<(String, MigrationStatus)>, DbErr> {
        let proxy = proxy(db).await?;
        let migrations = Adapted::<M>::get_migration_with_status_read_only(&proxy).await?;
        Ok(migrations
            .iter()
            .map(|one| (one.name().to_owned(), one.status()))
            .collect())
    }
}

/// sea-orm-migration takes its own connection type and no other; the proxy is
/// the one variant of it that lets us see the statements.
async fn proxy(db: &Dsql) -> Result<DatabaseConnection, DbErr> {
    let proxy = Box::new(Proxy::new(db.clone()));
    ProxyDatabaseConnector::connect(DbBackend::Postgres, Arc::new(proxy))
}

/// The migrator with none of its migrations wrapped in a transaction.
struct Adapted<M>(PhantomData<M>);

impl<M: MigratorTrait> MigratorTrait for Adapted<M> {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        M::migrations()
            .into_iter()
            .map(|one| Box::new(Alone(one)) as _)
            .collect()
    }

    fn migration_table_name() -> DynIden {
        M::migration_table_name()
    }
}

struct Alone(Box<dyn MigrationTrait>);

impl MigrationName for Alone {
    fn name(&self) -> &str {
        self.0.name()
    }
}

// `SchemaManager<'_>` would not match the trait's signature.
#[allow(elided_lifetimes_in_paths)]
#[async_trait::async_trait]
impl MigrationTrait for Alone {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.up(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.down(manager).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
