//! Migrators of sea-orm-migration.

mod cell;
mod proxy;
mod session;
mod wipe;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use dsql_sqlx::LockOptions;
use sea_orm::{DatabaseConnection, DbBackend, DbErr, DynIden, ProxyDatabaseConnector};
use sea_orm_migration::{
    MigrationName, MigrationStatus, MigrationTrait, MigratorTrait, MigratorTraitSelf, SchemaManager,
};

use crate::Dsql;
use crate::ddl::plan_err;
use proxy::Proxy;
use session::{Direction, Session};

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
/// statement. [`Dsql::on_progress`] tells how it goes.
///
/// # One at a time
///
/// Each verb but [`status`](Self::status) takes the lock that all runners of
/// this project take, a row in the table `dsql_lock`, and waits while another
/// holds it; a holder that has died loses it after 30 seconds.
///
/// # Interrupted
///
/// DDL cannot be rolled back together, so a migration that fails or is killed
/// half-way stays half-way. Run again, it goes on where it was: its statements
/// are recorded with their answers in the table `dsql_record`, those that
/// write rows in the same transaction, and what is recorded is not run again.
/// A migration that was corrected meanwhile goes on with its first statement
/// that was not run. [`forget`](Self::forget) makes it begin anew. Once a
/// migration is applied, its record is taken away.
///
/// # Transactions
///
/// `manager.begin()` and transactions on `manager.get_connection()` begin
/// nothing: what is run in them is committed statement by statement, and a
/// rollback is only logged.
pub struct DsqlMigrator<M>(PhantomData<M>);

impl<M> fmt::Debug for DsqlMigrator<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DsqlMigrator")
    }
}

impl<M: MigratorTrait> DsqlMigrator<M> {
    /// Applies pending migrations, all or the first `steps`.
    pub async fn up(db: &Dsql, steps: Option<u32>) -> Result<(), DbErr> {
        run::<M>(db, Verb::Up(steps)).await
    }

    /// Takes back applied migrations, all or the last `steps`.
    pub async fn down(db: &Dsql, steps: Option<u32>) -> Result<(), DbErr> {
        run::<M>(db, Verb::Down(steps)).await
    }

    /// Drops all views, tables, sequences and domains of the current schema,
    /// with their rows, then applies all migrations. Other schemas, functions
    /// and roles stay.
    pub async fn fresh(db: &Dsql) -> Result<(), DbErr> {
        run::<M>(db, Verb::Fresh).await
    }

    /// Takes back all applied migrations, then applies all.
    pub async fn refresh(db: &Dsql) -> Result<(), DbErr> {
        run::<M>(db, Verb::Refresh).await
    }

    /// Takes back all applied migrations and drops the table that lists them.
    pub async fn reset(db: &Dsql) -> Result<(), DbErr> {
        run::<M>(db, Verb::Reset).await
    }

    /// Each migration with its status, in order. Changes nothing, not even to
    /// create the table that lists them, and does not wait for the lock.
    pub async fn status(db: &Dsql) -> Result<Vec<(String, MigrationStatus)>, DbErr> {
        let session = Arc::new(Session::unrecorded(db.clone()));
        let migrator = Adapted::<M>::new(session.clone());
        let proxy = proxy(session).await?;
        let migrations = migrator.get_migration_with_status_read_only(&proxy).await?;
        Ok(migrations
            .iter()
            .map(|one| (one.name().to_owned(), one.status()))
            .collect())
    }

    /// Forgets what interrupted migrations have run, so that they begin anew.
    /// What they have done stays, and is for you to undo first.
    pub async fn forget(db: &Dsql) -> Result<(), DbErr> {
        run::<M>(db, Verb::Forget).await
    }
}

#[derive(Clone, Copy)]
enum Verb {
    Up(Option<u32>),
    Down(Option<u32>),
    Fresh,
    Refresh,
    Reset,
    Forget,
}

async fn run<M: MigratorTrait>(db: &Dsql, verb: Verb) -> Result<(), DbErr> {
    let options = LockOptions::default().purpose("migrations");
    let lock = db.pool.lock(options, |holder| {
        db.tell(&dsql_sqlx::Progress::locked(holder));
    });
    let lock = Arc::new(lock.await.map_err(plan_err)?);
    let done = run_alone::<M>(db, verb, lock.clone()).await;
    // Nobody else holds it, since all that ran under it has ended.
    if let (Ok(()), Some(lock)) = (&done, Arc::into_inner(lock)) {
        lock.give_back().await;
    }
    done
}

async fn run_alone<M: MigratorTrait>(
    db: &Dsql,
    verb: Verb,
    lock: Arc<dsql_sqlx::Lock>,
) -> Result<(), DbErr> {
    let recorder = db.pool.recorder(lock).await.map_err(plan_err)?;
    let session = Arc::new(Session::new(db.clone(), recorder));
    let migrator = Adapted::<M>::new(session.clone());
    let proxy = proxy(session.clone()).await?;
    match verb {
        Verb::Fresh => {
            session.forget_all().await?;
            wipe::wipe(db).await?;
            migrator.up(&proxy, None).await?;
        }
        Verb::Forget => return session.forget_all().await,
        Verb::Up(steps) => {
            migrator.settle(&proxy).await?;
            migrator.up(&proxy, steps).await?;
        }
        Verb::Down(steps) => {
            migrator.settle(&proxy).await?;
            migrator.down(&proxy, steps).await?;
        }
        Verb::Refresh => {
            migrator.settle(&proxy).await?;
            migrator.refresh(&proxy).await?;
        }
        Verb::Reset => {
            migrator.settle(&proxy).await?;
            migrator.reset(&proxy).await?;
        }
    }
    migrator.settle(&proxy).await
}

/// sea-orm-migration takes its own connection type and no other; the proxy is
/// the one variant of it that lets us see the statements.
async fn proxy(session: Arc<Session>) -> Result<DatabaseConnection, DbErr> {
    let proxy: Box<dyn sea_orm::ProxyDatabaseTrait> = Box::new(Proxy::new(session));
    ProxyDatabaseConnector::connect(DbBackend::Postgres, Arc::new(proxy))
}

/// The migrator with none of its migrations wrapped in a transaction, and each
/// recorded.
struct Adapted<M> {
    session: Arc<Session>,
    migrator: PhantomData<fn() -> M>,
}

impl<M: MigratorTrait> Adapted<M> {
    fn new(session: Arc<Session>) -> Self {
        Self {
            session,
            migrator: PhantomData,
        }
    }

    /// Forgets the records of migrations that are entered as applied, or taken
    /// back.
    async fn settle(&self, proxy: &DatabaseConnection) -> Result<(), DbErr> {
        let migrations = self.get_migration_with_status_read_only(proxy).await?;
        let settled = migrations.iter().map(|one| {
            let direction = match one.status() {
                MigrationStatus::Applied => Direction::Up,
                MigrationStatus::Pending => Direction::Down,
            };
            direction.work(one.name())
        });
        self.session.forget(&settled.collect::<Vec<_>>()).await
    }
}

impl<M: MigratorTrait> MigratorTraitSelf for Adapted<M> {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        M::migrations()
            .into_iter()
            .map(|migration| {
                Box::new(Recorded {
                    migration,
                    session: self.session.clone(),
                }) as _
            })
            .collect()
    }

    fn migration_table_name(&self) -> DynIden {
        M::migration_table_name()
    }
}

struct Recorded {
    migration: Box<dyn MigrationTrait>,
    session: Arc<Session>,
}

impl MigrationName for Recorded {
    fn name(&self) -> &str {
        self.migration.name()
    }
}

// `SchemaManager<'_>` would not match the trait's signature.
#[allow(elided_lifetimes_in_paths)]
#[async_trait::async_trait]
impl MigrationTrait for Recorded {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.session.begin(Direction::Up, self.name()).await?;
        let done = self.migration.up(manager).await;
        self.session.end().await;
        done
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.session.begin(Direction::Down, self.name()).await?;
        let done = self.migration.down(manager).await;
        self.session.end().await;
        done
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
