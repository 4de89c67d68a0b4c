//! The pool.

use std::fmt;
use std::future;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dsql_connect::{Config, RetryPolicy, RootCert, SslMode};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool, Postgres};

use crate::error::{Error, explain};
use crate::schema_change::{self, SchemaChanges};
use crate::token::Freshness;
use crate::{ErrorExt as _, Retries, Transaction};

/// The service ends a connection at 60 minutes.
const MAX_LIFETIME: Duration = Duration::from_secs(55 * 60);
const LIFETIME_JITTER: Duration = Duration::from_secs(5 * 60);
/// A connection that was dropped on the way never answers.
const TEST_TIMEOUT: Duration = Duration::from_secs(5);
/// Most are made in less, from a neighbouring continent too.
const LONG_FOR_A_CONNECTION: Duration = Duration::from_millis(500);
const IDLE_TIMEOUT: Duration = Duration::from_secs(10 * 60);
/// A connection used a moment ago is taken as it is; others are asked first
/// whether they are still there, which costs a round trip.
const TEST_WHEN_IDLE_FOR: Duration = Duration::from_secs(1);

/// A pool of connections to one cluster. Cloning it is cheap and gives another
/// handle on the same pool.
#[derive(Clone)]
pub struct DsqlPool {
    inner: Arc<Inner>,
}

struct Inner {
    pool: PgPool,
    freshness: Freshness,
    retry: RetryPolicy,
    schema_changes: SchemaChanges,
    /// Someone was given the bare pool, so a task looks after its token.
    kept: AtomicBool,
}

impl fmt::Debug for DsqlPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DsqlPool")
            .field("pool", &self.inner.pool)
            .finish_non_exhaustive()
    }
}

impl DsqlPool {
    /// Connects to the cluster that a `dsql://` URL names.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`] for an unusable URL or when no token can be made;
    /// [`Error::Unreachable`] when the cluster does not answer or refuses.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::connect_with(url.parse()?).await
    }

    /// Connects with settings.
    pub async fn connect_with(config: Config) -> Result<Self, Error> {
        Self::builder(config).connect().await
    }

    /// Connects to the cluster that the environment variable `DSQL_URL` names.
    pub async fn from_env() -> Result<Self, Error> {
        Self::connect_with(Config::from_env()?).await
    }

    /// A pool with other sizes, times or policies than the defaults.
    pub fn builder(config: Config) -> PoolBuilder {
        PoolBuilder::new(config)
    }

    /// A connection, made with a fresh token if it must be made.
    ///
    /// # Errors
    ///
    /// Those of [`sqlx::Pool::acquire`], and [`sqlx::Error::Configuration`]
    /// around [`Error::Connect`] when the token has expired, no new one can be
    /// made, and no idle connection is left to go on with.
    pub async fn acquire(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        let Inner {
            pool, freshness, ..
        } = &*self.inner;
        if freshness.is_due()
            && let Err(error) = freshness.refresh(pool).await
        {
            return pool
                .try_acquire()
                .ok_or_else(|| sqlx::Error::Configuration(Box::new(Error::Connect(error))));
        }
        pool.acquire().await
    }

    /// Makes the first connection. The pool would try to for `acquire_timeout`
    /// and then say no more than that it did, so when it takes long, another
    /// one is made beside it, which says why.
    async fn first_connection(&self, timeout: Duration) -> Result<(), sqlx::Error> {
        let alone = async {
            tokio::time::sleep(LONG_FOR_A_CONNECTION.min(timeout / 2)).await;
            self.connect_alone().await?.close().await
        };
        let pooled = tokio::select! {
            pooled = self.acquire() => pooled,
            Err(error) = alone => Err(error),
        };
        match pooled {
            Err(sqlx::Error::PoolTimedOut) => self.connect_alone().await?.close().await,
            // There for whoever comes first; dropped, it would be a moment later.
            Ok(mut connection) => {
                connection.return_to_pool().await;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// A connection beside the pool's.
    pub(crate) async fn connect_alone(&self) -> Result<PgConnection, sqlx::Error> {
        let options = self.inner.freshness.connect_options().await;
        let options =
            options.map_err(|error| sqlx::Error::Configuration(Box::new(Error::Connect(error))))?;
        options.connect().await
    }

    /// Begins a transaction that is not retried.
    pub async fn begin(&self) -> Result<Transaction, sqlx::Error> {
        self.begin_with("BEGIN").await
    }

    /// Begins a transaction with a statement such as `BEGIN READ ONLY`.
    pub async fn begin_with(&self, begin: impl Into<String>) -> Result<Transaction, sqlx::Error> {
        Transaction::begin(self.acquire().await?, begin).await
    }

    /// The SQLx pool, for interfaces that take nothing else.
    ///
    /// A connection that it opens by itself signs in with the token of the
    /// last refresh. From the first call on, a task of the current tokio
    /// runtime keeps that token fresh for as long as a `DsqlPool` of this pool
    /// lives. [`acquire`](Self::acquire), [`begin`](Self::begin) and
    /// [`transact`](Self::transact) do not depend on the task.
    pub fn pg_pool(&self) -> &PgPool {
        if !self.inner.kept.swap(true, Ordering::Relaxed) {
            match tokio::runtime::Handle::try_current() {
                Ok(runtime) => {
                    runtime.spawn(keep_fresh(Arc::downgrade(&self.inner)));
                }
                Err(_) => self.inner.kept.store(false, Ordering::Relaxed),
            }
        }
        &self.inner.pool
    }

    /// The policy that [`transact`](Self::transact) and
    /// [`run_plan`](Self::run_plan) retry by.
    pub fn retry_policy(&self) -> &RetryPolicy {
        &self.inner.retry
    }

    /// Tells the pool that the schema has been changed, by DDL that it was not
    /// given as such: each connection that is idle now is brought up to date
    /// before it is used again, so that it does not meet OC001. What
    /// [`run_plan`](Self::run_plan), [`apply`](Self::apply) and
    /// [`lock`](Self::lock) change need not be told.
    ///
    /// It costs each of these connections three round trips, once. A
    /// connection in use may still meet OC001, and so may all when someone
    /// else has changed the schema.
    pub fn schema_changed(&self) {
        self.inner.schema_changes.note();
    }

    /// Closes all connections; those in use are closed when they come back.
    pub async fn close(&self) {
        self.inner.pool.close().await;
    }
}

/// Settings of a [`DsqlPool`].
///
/// # Defaults
///
/// | setting | default |
/// |---|---|
/// | `max_connections` | 10 |
/// | `min_connections` | 0 |
/// | `acquire_timeout` | 30 s |
/// | `max_lifetime` | 55 min, less up to 5 min by chance |
/// | `idle_timeout` | 10 min |
/// | `statement_cache_capacity` | 100 a connection |
/// | `retry` | [`RetryPolicy::default`] |
/// | `application_name` | the one in the settings, else the AWS connectors' convention |
///
/// A connection is tested (one round trip) before use only when it was idle
/// for a second or longer.
pub struct PoolBuilder {
    config: Config,
    pool: PgPoolOptions,
    max_lifetime: Duration,
    statement_cache_capacity: usize,
    retry: RetryPolicy,
    orm: Option<String>,
    edit_pool: Option<Box<dyn FnOnce(PgPoolOptions) -> PgPoolOptions + Send>>,
    edit_connect: Option<Box<dyn FnOnce(PgConnectOptions) -> PgConnectOptions + Send>>,
}

impl fmt::Debug for PoolBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolBuilder")
            .field("config", &self.config)
            .field("max_lifetime", &self.max_lifetime)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

impl PoolBuilder {
    fn new(config: Config) -> Self {
        Self {
            config,
            pool: PgPoolOptions::new().idle_timeout(IDLE_TIMEOUT),
            max_lifetime: MAX_LIFETIME,
            statement_cache_capacity: 100,
            retry: RetryPolicy::default(),
            orm: None,
            edit_pool: None,
            edit_connect: None,
        }
    }

    /// Connections the pool opens at most.
    #[must_use]
    pub fn max_connections(mut self, max: u32) -> Self {
        self.pool = self.pool.max_connections(max);
        self
    }

    /// Connections the pool keeps open when idle.
    #[must_use]
    pub fn min_connections(mut self, min: u32) -> Self {
        self.pool = self.pool.min_connections(min);
        self
    }

    /// How long [`DsqlPool::acquire`] waits for a connection.
    #[must_use]
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.pool = self.pool.acquire_timeout(timeout);
        self
    }

    /// The greatest age of a connection; each one is retired up to an
    /// eleventh earlier, so that those made together do not end together.
    #[must_use]
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = lifetime;
        self
    }

    /// How long an unused connection is kept.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.pool = self.pool.idle_timeout(timeout);
        self
    }

    /// Prepared statements that a connection remembers.
    #[must_use]
    pub fn statement_cache_capacity(mut self, statements: usize) -> Self {
        self.statement_cache_capacity = statements;
        self
    }

    /// How [`DsqlPool::transact`] and [`DsqlPool::run_plan`] retry.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The ORM on top, named in `application_name`.
    #[must_use]
    pub fn orm(mut self, name: &str) -> Self {
        self.orm = Some(name.to_owned());
        self
    }

    /// The last word on the pool's options. A `before_acquire` set here
    /// replaces the test of idle connections, an `after_release` the retiring
    /// of each connection at a time of its own.
    #[must_use]
    pub fn pool_options(
        mut self,
        edit: impl FnOnce(PgPoolOptions) -> PgPoolOptions + Send + 'static,
    ) -> Self {
        self.edit_pool = Some(Box::new(edit));
        self
    }

    /// The last word on the options of a connection, but for the password.
    #[must_use]
    pub fn connect_options(
        mut self,
        edit: impl FnOnce(PgConnectOptions) -> PgConnectOptions + Send + 'static,
    ) -> Self {
        self.edit_connect = Some(Box::new(edit));
        self
    }

    /// Makes the pool and tries a connection, so that a wrong setting shows now.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`], [`Error::Unreachable`].
    pub async fn connect(self) -> Result<DsqlPool, Error> {
        let timeout = self.config.get_connect_timeout().unwrap_or(Duration::MAX);
        let pool = self.connect_lazy().await?;
        let mut retries = Retries::new(pool.retry_policy());
        loop {
            let source = match tokio::time::timeout(timeout, pool.first_connection(timeout)).await {
                Ok(Ok(())) => return Ok(pool),
                Ok(Err(error)) => error,
                Err(_) => sqlx::Error::Io(std::io::Error::new(
                    std::io::ErrorKind::TimedOut,
                    format!("no answer within {} s", timeout.as_secs_f32()),
                )),
            };
            // The cluster wakes up, or has its hands full.
            if matches!(source, sqlx::Error::Database(_))
                && retries.again(source.class(), &source).await
            {
                continue;
            }
            let options = pool.inner.freshness.options();
            return Err(Error::Unreachable {
                host: options.get_host().to_owned(),
                port: options.get_port(),
                user: options.get_username().to_owned(),
                reason: explain(&source),
                source,
            });
        }
    }

    /// Makes the pool; connections are made when first needed.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`] for unusable settings or when there are no credentials.
    pub async fn connect_lazy(self) -> Result<DsqlPool, Error> {
        let tokens = self.config.tokens().await?;
        let mut connect = connect_options(&self.config, self.orm.as_deref())?
            .statement_cache_capacity(self.statement_cache_capacity);
        if let Some(edit) = self.edit_connect {
            connect = edit(connect);
        }
        let schema_changes = SchemaChanges::new();
        let mut options = self
            .pool
            .max_lifetime(self.max_lifetime)
            .test_before_acquire(false)
            .before_acquire({
                let changes = schema_changes.clone();
                move |connection, meta| {
                    let is_out_of_date = changes.missed_by(meta.idle_for);
                    if !is_out_of_date && meta.idle_for < TEST_WHEN_IDLE_FOR {
                        return Box::pin(future::ready(Ok(true)));
                    }
                    Box::pin(test(connection, is_out_of_date))
                }
            })
            .after_release({
                let retirement = Retirement::new(self.max_lifetime);
                move |_, meta| Box::pin(future::ready(Ok(!retirement.is_due(meta.age))))
            });
        if let Some(edit) = self.edit_pool {
            options = edit(options);
        }
        let freshness = Freshness::new(tokens, connect);
        let pool = options.connect_lazy_with(freshness.connect_options().await?);
        freshness.refresh(&pool).await?;
        let kept = AtomicBool::new(false);
        Ok(DsqlPool {
            inner: Arc::new(Inner {
                pool,
                freshness,
                retry: self.retry,
                schema_changes,
                kept,
            }),
        })
    }
}

/// Whether an idle connection can be used: asks it for an answer, and brings
/// it up to date where that is needed.
async fn test(connection: &mut PgConnection, is_out_of_date: bool) -> Result<bool, sqlx::Error> {
    let test = async {
        if is_out_of_date {
            schema_change::refresh(connection).await
        } else {
            connection.ping().await
        }
    };
    match tokio::time::timeout(TEST_TIMEOUT, test).await {
        Ok(Ok(())) => Ok(true),
        // It answers, so it is told to go.
        Ok(Err(sqlx::Error::Database(_))) => Ok(false),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
    }
}

fn connect_options(config: &Config, orm: Option<&str>) -> Result<PgConnectOptions, Error> {
    let endpoint = config.endpoint()?;
    let mut options = PgConnectOptions::new_without_pgpass()
        .host(endpoint.host())
        .port(endpoint.port())
        .username(config.get_user())
        .database(config.get_dbname())
        .ssl_mode(match config.get_sslmode() {
            SslMode::VerifyCa => PgSslMode::VerifyCa,
            SslMode::Require => PgSslMode::Require,
            // The strictest, also for what may yet come.
            _ => PgSslMode::VerifyFull,
        });
    if let RootCert::File(path) = config.root_cert()? {
        options = options.ssl_root_cert(path);
    }
    if !endpoint.options().is_empty() {
        options = options.options(endpoint.options().iter().map(|(name, value)| (name, value)));
    }
    let name = config.get_application_name().map(str::to_owned);
    // What SQLx took from PGAPPNAME is the user's word too.
    let name = name.or_else(|| options.get_application_name().map(str::to_owned));
    let name = name.unwrap_or_else(|| dsql_connect::application_name(orm, "sqlx"));
    Ok(options.application_name(&name))
}

/// When a connection is retired: its age may be `lifetime` less a part that is
/// drawn from the moment it was made, so it is the same every time it is
/// looked at.
#[derive(Clone)]
struct Retirement {
    lifetime: Duration,
    jitter: Duration,
    origin: Instant,
    hasher: RandomState,
}

impl Retirement {
    fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            jitter: LIFETIME_JITTER.min(lifetime / 11),
            origin: Instant::now(),
            hasher: RandomState::new(),
        }
    }

    fn is_due(&self, age: Duration) -> bool {
        age >= self.earliest() && self.is_due_at(Instant::now(), age)
    }

    fn earliest(&self) -> Duration {
        self.lifetime.saturating_sub(self.jitter)
    }

    fn is_due_at(&self, now: Instant, age: Duration) -> bool {
        let earliest = self.earliest();
        if age < earliest {
            return false;
        }
        let made = (now - self.origin).saturating_sub(age).as_millis();
        let share = (self.hasher.hash_one(made) % 1000) as f64 / 1000.0;
        age >= earliest + self.jitter.mul_f64(share)
    }
}

/// For the bare pool, whose connections are made behind our back.
async fn keep_fresh(pool: std::sync::Weak<Inner>) {
    loop {
        match pool.upgrade() {
            Some(inner) if !inner.pool.is_closed() => {
                if inner.freshness.is_due()
                    && let Err(error) = inner.freshness.refresh(&inner.pool).await
                {
                    tracing::warn!(%error, "no new token for the pool");
                }
            }
            _ => return,
        }
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn connections_retire_between_50_and_55_minutes_of_age() {
        let retirement = Retirement::new(MAX_LIFETIME);
        assert!(!retirement.is_due(50 * MINUTE - Duration::from_secs(1)));
        assert!(retirement.is_due(55 * MINUTE));
    }

    #[test]
    fn connections_made_at_different_times_retire_at_different_ages() {
        let retirement = Retirement::new(MAX_LIFETIME);
        let due = (0..200).filter(|n| {
            // Fifty-two and a half minutes old, made n milliseconds apart.
            let at = retirement.origin + 60 * MINUTE + Duration::from_millis(*n);
            retirement.is_due_at(at, 52 * MINUTE + MINUTE / 2)
        });
        let due = due.count();
        assert!((60..140).contains(&due), "{due} of 200");
    }
}
