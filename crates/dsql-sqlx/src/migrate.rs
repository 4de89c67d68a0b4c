//! Migrations of SQLx: folders written for PostgreSQL, run by this crate.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::time::Instant;

use dsql_connect::RetryPolicy;
use dsql_sql::{Options, Plan, Step, quote_literal};
use sqlx::AssertSqlSafe;
use sqlx::migrate::{MigrateError, Migration, Migrator};

use crate::DsqlPool;
use crate::apply::ApplyOptions;
use crate::digest::hex;
use crate::error::Error;
use crate::lock::{Lock, LockOptions};
use crate::progress::{Progress, Report};
use crate::run::{Place, Run, Stop};

/// The migrations of a [`Migrator`], of `sqlx::migrate!()` or read from a
/// folder, and a cluster to run them on.
///
/// Each migration is [translated](dsql_sql::translate) and run step by step,
/// as [`DsqlPool::apply`] does: one runner at a time, and a migration that was
/// cut short goes on where it was. Its last step enters it in SQLx's own table
/// `_sqlx_migrations`, with the same columns and checksums, so that SQLx and
/// its command line see what was applied, and what they have applied is seen
/// here.
///
/// # Defaults
///
/// | setting | default |
/// |---|---|
/// | `options` | [`Options::default`] |
/// | `lock` | [`LockOptions::default`]: waits as long as it takes |
/// | `retry` | as [`ApplyOptions::default`] |
///
/// ```no_run
/// # async fn f(pool: dsql_sqlx::DsqlPool) -> Result<(), Box<dyn std::error::Error>> {
/// use dsql_sqlx::sqlx::migrate::Migrator;
///
/// let migrator = Migrator::new(std::path::Path::new("migrations")).await?;
/// let done = pool.migrations(&migrator).run(None, |_| {}).await?;
/// for migration in &done {
///     println!("{} {}", migration.version, migration.description);
/// }
/// # Ok(()) }
/// ```
pub struct Migrations<'m> {
    pool: DsqlPool,
    migrator: &'m Migrator,
    options: Options,
    lock: LockOptions,
    retry: RetryPolicy,
    stop: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

/// A migration that was run or reverted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Migrated {
    /// Its version.
    pub version: i64,
    /// Its description, from the name of its file.
    pub description: String,
    /// What its plan did.
    pub report: Report,
}

/// Where a migration stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MigrationStatus {
    /// Its version.
    pub version: i64,
    /// Its description, from the name of its file, or from the table when
    /// there is no file.
    pub description: String,
    /// Where it stands.
    pub state: MigrationState,
}

/// Where a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MigrationState {
    /// It is yet to be run.
    Pending,
    /// A run of it was cut short; the next one goes on.
    Unfinished,
    /// It was run.
    Applied,
    /// It was run, and its file was changed since.
    Changed,
    /// It was run, and there is no file of it.
    Missing,
}

impl fmt::Display for MigrationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pending => "pending",
            Self::Unfinished => "unfinished",
            Self::Applied => "applied",
            Self::Changed => "changed",
            Self::Missing => "missing",
        })
    }
}

impl fmt::Debug for Migrations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Migrations")
            .field("migrator", &self.migrator)
            .field("options", &self.options)
            .field("lock", &self.lock)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

impl DsqlPool {
    /// The migrations of SQLx for this cluster.
    pub fn migrations<'m>(&self, migrator: &'m Migrator) -> Migrations<'m> {
        Migrations {
            pool: self.clone(),
            migrator,
            options: Options::default(),
            lock: LockOptions::default(),
            retry: ApplyOptions::default().retry,
            stop: None,
        }
    }
}

impl Migrations<'_> {
    /// How migrations are translated.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// How the lock is taken. An empty purpose becomes `migrations`.
    #[must_use]
    pub fn lock(mut self, lock: LockOptions) -> Self {
        self.lock = lock;
        self
    }

    /// How conflicts and lost connections are retried.
    #[must_use]
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Stop when this future completes, as [`ApplyOptions::stop_when`] does.
    #[must_use]
    pub fn stop_when(mut self, when: impl Future<Output = ()> + Send + 'static) -> Self {
        self.stop = Some(Box::pin(when));
        self
    }

    /// Runs the migrations that are pending, up to and with `target`. All are
    /// translated first: when one cannot be had, none is run.
    ///
    /// # Errors
    ///
    /// [`Error::Migration`] of a migration that cannot be had or fails; those
    /// before it stay applied. [`Error::Database`] with the [`MigrateError`]
    /// that SQLx gives for a migration that is missing, was changed, or was
    /// left half done by SQLx. Those of [`DsqlPool::lock`].
    pub async fn run(
        mut self,
        target: Option<i64>,
        mut progress: impl FnMut(Progress<'_>) + Send,
    ) -> Result<Vec<Migrated>, Error> {
        let mut stop = Stop::new(self.stop.take());
        let (lock, applied) = self.begin(&mut stop, &mut progress).await?;
        for migration in self.upwards(target) {
            if let Some(found) = applied.get(&migration.version)
                && !found.is(migration)
            {
                return Err(migrate(MigrateError::VersionMismatch(migration.version)));
            }
        }
        let plans = self.plans(pending(self.upwards(target), &applied))?;
        let mut done = Vec::new();
        for (migration, mut plan) in plans {
            let started = Instant::now();
            plan.steps.push(Step::Dml(self.entry(migration)));
            let migrated = self.go(&lock, migration, &plan, &mut stop, &mut progress);
            done.push(migrated.await?);
            self.set_execution_time(migration, started).await;
        }
        lock.give_back().await;
        Ok(done)
    }

    /// Takes back the last migration that was applied, or with `target` all
    /// after that version (0: all), by their `.down.sql`. Migrations without
    /// one are passed over, as SQLx does.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run).
    pub async fn revert(
        mut self,
        target: Option<i64>,
        mut progress: impl FnMut(Progress<'_>) + Send,
    ) -> Result<Vec<Migrated>, Error> {
        let mut stop = Stop::new(self.stop.take());
        let (lock, applied) = self.begin(&mut stop, &mut progress).await?;
        let plans = self.plans(self.downwards(target, &applied))?;
        let mut done = Vec::new();
        for (migration, mut plan) in plans {
            plan.steps.push(Step::Dml(format!(
                "DELETE FROM {} WHERE version = {}",
                self.migrator.table_name, migration.version
            )));
            let migrated = self.go(&lock, migration, &plan, &mut stop, &mut progress);
            done.push(migrated.await?);
        }
        lock.give_back().await;
        Ok(done)
    }

    /// Each migration and where it stands, in order. Changes nothing and does
    /// not wait for the lock.
    pub async fn status(&self) -> Result<Vec<MigrationStatus>, Error> {
        let applied = self.applied().await?;
        let unfinished = self.unfinished().await?;
        let mut all = BTreeMap::new();
        for migration in self.migrator.iter() {
            if migration.migration_type.is_down_migration() {
                continue;
            }
            let state = match applied.get(&migration.version) {
                Some(found) if found.is(migration) => MigrationState::Applied,
                Some(_) => MigrationState::Changed,
                None if unfinished.contains(&self.journal(migration)) => MigrationState::Unfinished,
                None => MigrationState::Pending,
            };
            let description = migration.description.to_string();
            all.insert(migration.version, (description, state));
        }
        for (version, found) in applied {
            all.entry(version)
                .or_insert((found.description, MigrationState::Missing));
        }
        let all = all.into_iter();
        Ok(all
            .map(|(version, (description, state))| MigrationStatus {
                version,
                description,
                state,
            })
            .collect())
    }

    /// The migrations that [`run`](Self::run) would run, in order.
    pub async fn pending(&self, target: Option<i64>) -> Result<Vec<&Migration>, Error> {
        let applied = self.applied().await?;
        Ok(pending(self.upwards(target), &applied).collect())
    }

    /// The down migrations that [`revert`](Self::revert) would run, in order.
    pub async fn to_revert(&self, target: Option<i64>) -> Result<Vec<&Migration>, Error> {
        let applied = self.applied().await?;
        Ok(self.downwards(target, &applied).collect())
    }

    /// The plan of a migration, without what enters it in the table.
    ///
    /// # Errors
    ///
    /// [`Error::Migration`] when something in it cannot be had.
    pub fn plan(&self, migration: &Migration) -> Result<Plan, Error> {
        let plan = dsql_sql::translate(migration.sql.as_str(), &self.options);
        Error::of_plan(&plan).map_err(|error| failed(migration, error))?;
        Ok(plan)
    }

    fn upwards(&self, target: Option<i64>) -> impl Iterator<Item = &Migration> {
        self.migrator.iter().filter(move |migration| {
            !migration.migration_type.is_down_migration()
                && target.is_none_or(|target| migration.version <= target)
        })
    }

    fn downwards(
        &self,
        target: Option<i64>,
        applied: &BTreeMap<i64, Found>,
    ) -> impl Iterator<Item = &Migration> {
        let down = self.migrator.iter().rev().filter(move |migration| {
            migration.migration_type.is_down_migration()
                && applied.contains_key(&migration.version)
                && target.is_none_or(|target| migration.version > target)
        });
        down.take(if target.is_none() { 1 } else { usize::MAX })
    }

    /// All of them before any is run.
    fn plans<'a>(
        &self,
        migrations: impl Iterator<Item = &'a Migration>,
    ) -> Result<Vec<(&'a Migration, Plan)>, Error> {
        migrations
            .map(|migration| Ok((migration, self.plan(migration)?)))
            .collect()
    }

    /// The lock, and what is applied now that nobody else is at it.
    async fn begin(
        &self,
        stop: &mut Stop,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<(Lock, BTreeMap<i64, Found>), Error> {
        let lock = self.take_lock(stop, progress).await?;
        let applied = self.table(&lock, stop).await?;
        self.validate(&applied)?;
        Ok((lock, applied))
    }

    async fn take_lock(
        &self,
        stop: &mut Stop,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<Lock, Error> {
        let mut options = self.lock.clone();
        if options.purpose.is_empty() {
            options.purpose = "migrations".into();
        }
        tokio::select! {
            lock = self.pool.lock(options, |holder| progress(Progress::Locked { holder })) => lock,
            () = stop.asked() => Err(Error::Stopped { step: crate::StepNumber::new(1), steps: 0 }),
        }
    }

    /// SQLx's table, made when it is missing, and what it holds.
    async fn table(&self, lock: &Lock, stop: &mut Stop) -> Result<BTreeMap<i64, Found>, Error> {
        let table = &self.migrator.table_name;
        if !self.exists(table).await? {
            let schemas = self.migrator.create_schemas.iter();
            let mut plan = Plan::default();
            plan.steps = schemas
                .map(|schema| Step::Ddl(format!("CREATE SCHEMA IF NOT EXISTS {schema}")))
                .collect();
            plan.steps.push(Step::Ddl(format!(
                "CREATE TABLE IF NOT EXISTS {table} (version bigint PRIMARY KEY, description text NOT NULL, \
                 installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, \
                 checksum bytea NOT NULL, execution_time bigint NOT NULL)"
            )));
            let options = self.apply_options(self.journal_of_table(), table.to_string());
            self.pool
                .go_on(&plan, lock, options, stop, &mut |_| {})
                .await?;
        }
        let applied = self.applied().await?;
        self.settle(&applied).await?;
        Ok(applied)
    }

    /// Takes away the journals of what is done, where their last step was the
    /// last thing that a run did.
    async fn settle(&self, applied: &BTreeMap<i64, Found>) -> Result<(), Error> {
        let unfinished = self.unfinished().await?;
        let settled = self.migrator.iter().filter(|migration| {
            let is_down = migration.migration_type.is_down_migration();
            applied.contains_key(&migration.version) != is_down
        });
        let settled = settled.map(|migration| self.journal(migration));
        let settled = settled.chain([self.journal_of_table()]);
        for journal in settled.filter(|journal| unfinished.contains(journal)) {
            let sql = format!(
                "DELETE FROM {} WHERE name = {}",
                crate::apply::JOURNAL,
                quote_literal(&journal)
            );
            self.read(sql).await?;
        }
        Ok(())
    }

    async fn go(
        &self,
        lock: &Lock,
        migration: &Migration,
        plan: &Plan,
        stop: &mut Stop,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<Migrated, Error> {
        let name = name(migration);
        progress(Progress::work(&name, 0));
        let options = self.apply_options(self.journal(migration), name);
        let applied = self.pool.go_on(plan, lock, options, stop, progress).await;
        Ok(Migrated {
            version: migration.version,
            description: migration.description.to_string(),
            report: applied.map_err(|error| failed(migration, error))?,
        })
    }

    fn apply_options(&self, journal: String, source: String) -> ApplyOptions {
        ApplyOptions::default()
            .journal(journal)
            .source(source)
            .retry(self.retry.clone())
    }

    /// The name of the journal of making SQLx's table.
    fn journal_of_table(&self) -> String {
        format!("sqlx {}", self.migrator.table_name)
    }

    /// The name of a migration's journal.
    fn journal(&self, migration: &Migration) -> String {
        let direction = match migration.migration_type.is_down_migration() {
            true => "down",
            false => "up",
        };
        let table = &self.migrator.table_name;
        format!("sqlx {table} {direction} {}", migration.version)
    }

    /// As SQLx enters a migration, with its time yet to come.
    fn entry(&self, migration: &Migration) -> String {
        format!(
            "INSERT INTO {} (version, description, success, checksum, execution_time) \
             VALUES ({}, {}, TRUE, '\\x{}'::bytea, -1)",
            self.migrator.table_name,
            migration.version,
            quote_literal(&migration.description),
            hex(&migration.checksum),
        )
    }

    /// For people only, so that it may fail.
    async fn set_execution_time(&self, migration: &Migration, started: Instant) {
        let sql = format!(
            "UPDATE {} SET execution_time = $1 WHERE version = $2",
            self.migrator.table_name
        );
        let nanoseconds = i64::try_from(started.elapsed().as_nanos()).unwrap_or(i64::MAX);
        let set = self.pool.transact_async(async move |tx| {
            let set = sqlx::query(AssertSqlSafe(sql.clone()))
                .bind(nanoseconds)
                .bind(migration.version)
                .execute(tx);
            set.await?;
            Ok::<_, Error>(())
        });
        if let Err(error) = set.await {
            tracing::debug!(%error, "how long the migration took was not written");
        }
    }

    async fn exists(&self, table: &str) -> Result<bool, Error> {
        let rows = self.read(format!(
            "SELECT to_regclass({})::text",
            quote_literal(table)
        ));
        Ok(!rows.await?.is_empty())
    }

    async fn applied(&self) -> Result<BTreeMap<i64, Found>, Error> {
        let table = &self.migrator.table_name;
        if !self.exists(table).await? {
            return Ok(BTreeMap::new());
        }
        let sql = format!(
            "SELECT version::text, description, success::text, encode(checksum, 'hex') FROM {table}"
        );
        let mut applied = BTreeMap::new();
        for row in self.read(sql).await? {
            let [version, description, success, checksum] = <[String; 4]>::try_from(row)
                .map_err(|_| sqlx::Error::Protocol(format!("{table} has other columns")))?;
            let version = version
                .parse()
                .map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            if success != "true" {
                return Err(migrate(MigrateError::Dirty(version)));
            }
            let found = Found {
                description,
                checksum,
            };
            applied.insert(version, found);
        }
        Ok(applied)
    }

    /// The journals that there are.
    async fn unfinished(&self) -> Result<Vec<String>, Error> {
        if !self.exists(crate::apply::JOURNAL).await? {
            return Ok(Vec::new());
        }
        let rows = self.read(format!("SELECT name FROM {}", crate::apply::JOURNAL));
        Ok(rows.await?.into_iter().flatten().collect())
    }

    /// The rows of a query, every column as text; one with a null is left out.
    async fn read(&self, sql: String) -> Result<Vec<Vec<String>>, Error> {
        let (mut stop, mut progress) = (Stop::never(), |_: Progress<'_>| {});
        let mut run = Run::new(
            &self.pool,
            None,
            self.retry.clone(),
            &mut stop,
            &mut progress,
        );
        run.rows(&sql, &mut crate::StepReport::default(), Place::none())
            .await
            .map_err(|error| match error {
                Error::Step { source, .. } => Error::Database(source),
                error => error,
            })
    }

    fn validate(&self, applied: &BTreeMap<i64, Found>) -> Result<(), Error> {
        if self.migrator.ignore_missing {
            return Ok(());
        }
        let missing = applied
            .keys()
            .find(|version| !self.migrator.version_exists(**version));
        match missing {
            Some(version) => Err(migrate(MigrateError::VersionMissing(*version))),
            None => Ok(()),
        }
    }
}

/// A row of SQLx's table.
struct Found {
    description: String,
    /// In hexadecimal.
    checksum: String,
}

impl Found {
    /// Is it the migration as it is now?
    fn is(&self, migration: &Migration) -> bool {
        self.checksum == hex(&migration.checksum)
    }
}

fn pending<'a>(
    migrations: impl Iterator<Item = &'a Migration>,
    applied: &BTreeMap<i64, Found>,
) -> impl Iterator<Item = &'a Migration> {
    migrations.filter(|migration| !applied.contains_key(&migration.version))
}

fn name(migration: &Migration) -> String {
    format!("{} {}", migration.version, migration.description)
}

fn failed(migration: &Migration, source: Error) -> Error {
    Error::Migration {
        version: migration.version,
        description: migration.description.as_ref().into(),
        source: Box::new(source),
    }
}

fn migrate(error: MigrateError) -> Error {
    Error::Database(sqlx::Error::Migrate(Box::new(error)))
}
