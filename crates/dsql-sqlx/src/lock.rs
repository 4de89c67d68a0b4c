//! A lock for those who change the schema: one row with an expiry, since the
//! service has no advisory locks and no statement that waits.

use std::fmt;
use std::time::{Duration, Instant};

use dsql_connect::{ErrorClass, RetryPolicy};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::error::{Error, ErrorExt as _};
use crate::own_table;
use crate::runner::Runner;
use crate::transaction::forget_statements;
use crate::{DsqlPool, Retries};

/// The table of locks, in the schema that is current when a connection begins.
pub(crate) const TABLE: &str = "dsql_lock";

/// How [`DsqlPool::lock`] takes the lock.
///
/// # Defaults
///
/// | field | default |
/// |---|---|
/// | `name` | `schema` |
/// | `purpose` | empty |
/// | `lease` | 30 s |
/// | `wait` | none: for as long as it takes |
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LockOptions {
    /// Which lock. All who change a schema take the same one.
    pub name: String,
    /// What it is taken for, told to those who wait.
    pub purpose: String,
    /// For how long a holder that has died keeps the lock. One that lives
    /// renews it after a third of the time.
    pub lease: Duration,
    /// For how long to wait while another holds the lock.
    pub wait: Option<Duration>,
}

impl Default for LockOptions {
    fn default() -> Self {
        Self {
            name: "schema".into(),
            purpose: String::new(),
            lease: Duration::from_secs(30),
            wait: None,
        }
    }
}

impl LockOptions {
    /// Which lock.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// What it is taken for.
    #[must_use]
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.purpose = purpose.into();
        self
    }

    /// For how long a holder that has died keeps the lock.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// For how long to wait while another holds it; zero to give up at once.
    #[must_use]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }
}

/// Who holds a lock. Times are the database's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// The user of the operating system.
    pub user: String,
    /// The machine.
    pub host: String,
    /// The process on that machine.
    pub process: i32,
    /// What for, in the holder's words.
    pub purpose: String,
    /// Since when, in UTC.
    pub since: String,
    /// For how long the lock lasts unless it is renewed.
    pub expires_in: Duration,
    owner: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} on {} (process {}) since {} UTC",
            self.user, self.host, self.process, self.since
        )?;
        if !self.purpose.is_empty() {
            write!(f, " for {}", self.purpose)?;
        }
        Ok(())
    }
}

/// A lock that is held, and renewed by a task of the tokio runtime on a
/// connection of its own.
///
/// [`release`](Self::release) gives it back. Dropped, it is given back by the
/// task, as long as the runtime lives; otherwise when its lease has run out.
#[derive(Debug)]
pub struct Lock {
    owner: String,
    /// Once it is lost, who holds it now.
    lost: watch::Receiver<Option<Option<Holder>>>,
    release: Option<oneshot::Sender<()>>,
    renewer: Option<JoinHandle<Result<(), sqlx::Error>>>,
}

impl DsqlPool {
    /// Takes a lock, waiting while another holds it. `waiting` is told who
    /// that is, once for each.
    ///
    /// Runners of plans and of migrations take it, so that one at a time
    /// changes the schema. It is a row in the table `dsql_lock`, made when it
    /// is missing, and holds until it is released or its lease has run out.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] when another held it for as long as the options wait;
    /// [`Error::NoSchema`] when there is no schema to keep the table in;
    /// [`Error::OwnTable`] when it cannot be made.
    ///
    /// ```no_run
    /// # async fn f(pool: dsql_sqlx::DsqlPool) -> Result<(), dsql_sqlx::Error> {
    /// use dsql_sqlx::LockOptions;
    ///
    /// let options = LockOptions::default().purpose("a change of names");
    /// let lock = pool.lock(options, |holder| println!("waiting for {holder}")).await?;
    /// // … one at a time …
    /// lock.release().await
    /// # }
    /// ```
    pub async fn lock(
        &self,
        options: LockOptions,
        mut waiting: impl FnMut(&Holder) + Send,
    ) -> Result<Lock, Error> {
        let runner = Runner::this();
        let mut connection = self.connect_alone().await?;
        let schema = own_table::current_schema(&mut connection, self.retry_policy()).await?;
        let is_new = own_table::create(
            &mut connection,
            &schema,
            TABLE,
            "name text PRIMARY KEY, owner text NOT NULL, user_name text NOT NULL, host text NOT NULL, \
             process integer NOT NULL, purpose text NOT NULL, acquired_at timestamptz NOT NULL, \
             expires_at timestamptz NOT NULL",
            self.retry_policy(),
        )
        .await?;
        if is_new {
            self.schema_changed();
        }
        let row = LockRow {
            table: own_table::qualified(&schema, TABLE),
            name: options.name,
            owner: runner.token.clone(),
            lease: options.lease,
        };
        let begun = Instant::now();
        let poll = (options.lease / 10).clamp(Duration::from_millis(50), Duration::from_secs(1));
        let mut told = None;
        let mut retries = Retries::new(self.retry_policy());
        loop {
            let taken = row.take(&mut connection, &runner, &options.purpose).await;
            let seen = match taken {
                Ok(true) => break,
                Ok(false) => row.holder(&mut connection).await,
                // Others take it at the same time; one of them has it now.
                Err(error) if error.class() == ErrorClass::Conflict => {
                    row.holder(&mut connection).await
                }
                Err(error) => Err(error),
            };
            let holder = match seen {
                Ok(Some(holder)) => holder,
                Ok(None) => continue,
                Err(error) => {
                    if !retries.again(error.class(), &error).await {
                        return Err(error.into());
                    }
                    if error.class() == ErrorClass::Unavailable {
                        connection = self.connect_alone().await?;
                    }
                    continue;
                }
            };
            if options.wait.is_some_and(|wait| begun.elapsed() >= wait) {
                return Err(Error::Locked {
                    holder: Box::new(holder),
                });
            }
            if told.as_ref() != Some(&holder.owner) {
                waiting(&holder);
                told = Some(holder.owner);
            }
            let left = options
                .wait
                .map_or(poll, |wait| wait.saturating_sub(begun.elapsed()));
            tokio::time::sleep(poll.min(left)).await;
        }
        let (lose, lost) = watch::channel(None);
        let (release, released) = oneshot::channel();
        let renewer = Renewer {
            pool: self.clone(),
            connection: Some(connection),
            row,
            lose,
        };
        Ok(Lock {
            owner: runner.token,
            lost,
            release: Some(release),
            renewer: Some(tokio::spawn(renewer.run(released))),
        })
    }
}

impl Lock {
    /// Returns when the lock was found taken by another, which happens only
    /// after its lease ran out: this process was frozen, or cut off from the
    /// cluster. What it guarded is to be stopped.
    pub async fn lost(&self) -> Error {
        let mut lost = self.lost.clone();
        let holder = match lost.wait_for(Option::is_some).await {
            Ok(holder) => Some(holder.clone().flatten()),
            Err(_) => None,
        };
        match holder {
            Some(holder) => Error::LockLost {
                holder: holder.map(Box::new),
            },
            // The task has ended with its runtime.
            None => std::future::pending().await,
        }
    }

    /// Tells this holder from all others; for columns that say who wrote.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Gives the lock back at the end of work that is done whether this works
    /// or not: otherwise it runs out by itself, which is logged.
    pub async fn give_back(self) {
        if let Err(error) = self.release().await {
            tracing::warn!(%error, "the lock was not released; it runs out by itself");
        }
    }

    /// Gives the lock back.
    pub async fn release(mut self) -> Result<(), Error> {
        drop(self.release.take());
        match self.renewer.take() {
            Some(renewer) => match renewer.await {
                Ok(released) => Ok(released?),
                Err(_) => Ok(()),
            },
            None => Ok(()),
        }
    }
}

/// The row behind a lock.
struct LockRow {
    table: String,
    name: String,
    owner: String,
    lease: Duration,
}

impl LockRow {
    /// The interval of the lease, as SQL.
    fn lease(&self) -> String {
        format!("interval '{} milliseconds'", self.lease.as_millis())
    }

    /// Takes the lock if it is free, has expired, or is ours already, as it is
    /// when the answer to the last attempt was lost.
    async fn take(
        &self,
        connection: &mut PgConnection,
        runner: &Runner,
        purpose: &str,
    ) -> Result<bool, sqlx::Error> {
        let (table, lease) = (&self.table, self.lease());
        let sql = format!(
            "INSERT INTO {table} AS held (name, owner, user_name, host, process, purpose, acquired_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, now(), now() + {lease}) \
             ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, user_name = excluded.user_name, \
             host = excluded.host, process = excluded.process, purpose = excluded.purpose, \
             acquired_at = excluded.acquired_at, expires_at = excluded.expires_at \
             WHERE held.expires_at < now() OR held.owner = excluded.owner"
        );
        let taken = sqlx::query(AssertSqlSafe(sql))
            .bind(&self.name)
            .bind(&self.owner)
            .bind(&runner.user)
            .bind(&runner.host)
            .bind(runner.process)
            .bind(purpose)
            .execute(connection)
            .await?;
        Ok(taken.rows_affected() > 0)
    }

    async fn holder(&self, connection: &mut PgConnection) -> Result<Option<Holder>, sqlx::Error> {
        let sql = format!(
            "SELECT owner, user_name, host, process, purpose, \
             to_char(acquired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), \
             extract(epoch FROM expires_at - now())::float8 FROM {} WHERE name = $1",
            self.table
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(&self.name)
            .fetch_optional(connection)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let left: f64 = row.try_get(6)?;
        Ok(Some(Holder {
            owner: row.try_get(0)?,
            user: row.try_get(1)?,
            host: row.try_get(2)?,
            process: row.try_get(3)?,
            purpose: row.try_get(4)?,
            since: row.try_get(5)?,
            expires_in: Duration::try_from_secs_f64(left).unwrap_or_default(),
        }))
    }

    /// False: another has taken it.
    async fn renew(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let sql = format!(
            "UPDATE {} SET expires_at = now() + {} WHERE name = $1 AND owner = $2",
            self.table,
            self.lease()
        );
        let renewed = sqlx::query(AssertSqlSafe(sql))
            .bind(&self.name)
            .bind(&self.owner)
            .execute(connection)
            .await?;
        Ok(renewed.rows_affected() > 0)
    }

    async fn release(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let sql = format!("DELETE FROM {} WHERE name = $1 AND owner = $2", self.table);
        sqlx::query(AssertSqlSafe(sql))
            .bind(&self.name)
            .bind(&self.owner)
            .execute(connection)
            .await?;
        Ok(())
    }
}

/// What keeps a lock from running out.
struct Renewer {
    pool: DsqlPool,
    /// None: lost, to be made again.
    connection: Option<PgConnection>,
    row: LockRow,
    lose: watch::Sender<Option<Option<Holder>>>,
}

impl Renewer {
    async fn run(mut self, mut released: oneshot::Receiver<()>) -> Result<(), sqlx::Error> {
        let pause = self.row.lease / 3;
        let mut next = pause;
        loop {
            let timed_out = tokio::time::timeout(next, &mut released).await.is_err();
            if !timed_out {
                return self.release().await;
            }
            // An answer that does not come is as good as none.
            let renewed = tokio::time::timeout(pause, self.renew()).await;
            next = match renewed {
                Ok(Ok(true)) => pause,
                Ok(Ok(false)) => return Ok(()),
                failed => {
                    tracing::warn!(?failed, "the lock could not be renewed");
                    self.connection = None;
                    pause / 4
                }
            };
        }
    }

    /// False: the lock is lost, and that was told.
    async fn renew(&mut self) -> Result<bool, sqlx::Error> {
        let connection = connected(&self.pool, &mut self.connection).await?;
        let mut renewed = self.row.renew(connection).await;
        // What the lock is held for is to change the schema.
        if let Err(error) = &renewed
            && error.is_stale_schema()
        {
            forget_statements(connection).await;
            renewed = self.row.renew(connection).await;
        }
        match renewed {
            Ok(true) => Ok(true),
            // Someone may have taken it, or released it for us by hand.
            Ok(false) => match self.row.holder(connection).await? {
                Some(holder) if holder.owner == self.row.owner => Ok(true),
                holder => {
                    self.lose.send_replace(Some(holder));
                    Ok(false)
                }
            },
            // Found taken at the next time.
            Err(error) if error.class() == ErrorClass::Conflict => Ok(true),
            Err(error) => Err(error),
        }
    }

    async fn release(&mut self) -> Result<(), sqlx::Error> {
        let policy = RetryPolicy::default();
        let mut retries = Retries::new(&policy);
        loop {
            let released = match connected(&self.pool, &mut self.connection).await {
                Ok(connection) => self.row.release(connection).await,
                Err(error) => Err(error),
            };
            let Err(error) = released else { return Ok(()) };
            if error.class() == ErrorClass::Unavailable {
                self.connection = None;
            }
            if !retries.again(error.class(), &error).await {
                return Err(error);
            }
        }
    }
}

async fn connected<'c>(
    pool: &DsqlPool,
    connection: &'c mut Option<PgConnection>,
) -> Result<&'c mut PgConnection, sqlx::Error> {
    let connected = match connection.take() {
        Some(connected) => connected,
        None => pool.connect_alone().await?,
    };
    Ok(connection.insert(connected))
}
