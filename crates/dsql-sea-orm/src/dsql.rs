//! The connection type.

use std::fmt;
use std::sync::Arc;

use dsql_sql::Options;
use dsql_sqlx::{Config, DsqlPool, PoolBuilder, Progress, RetryPolicy};
use sea_orm::{DbBackend, DbErr, Schema, SchemaBuilder};

use crate::Translation;
use crate::ddl::Hooks;
use crate::error::connect_err;

/// A pool of connections to one Aurora DSQL cluster, to be used wherever
/// SeaORM takes a connection. Cloning it is cheap and gives another handle on
/// the same pool.
#[derive(Clone)]
pub struct Dsql {
    pub(crate) pool: DsqlPool,
    pub(crate) options: Arc<Options>,
    pub(crate) hooks: Hooks,
}

impl fmt::Debug for Dsql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dsql")
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}

impl Dsql {
    /// Connects to the cluster that a `dsql://` URL names.
    ///
    /// # Errors
    ///
    /// `DbErr::Conn` with a paragraph on what is wrong and what to do: an
    /// unusable URL, no region, no credentials, no answer, a refused token.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        let config = url
            .parse::<Config>()
            .map_err(|error| connect_err(error.into()))?;
        Self::connect_with(config).await
    }

    /// Connects with settings.
    pub async fn connect_with(config: Config) -> Result<Self, DbErr> {
        Self::connect_pool(Self::builder(config)).await
    }

    /// Connects with settings of the pool other than the defaults.
    ///
    /// ```no_run
    /// # use dsql_sea_orm::{Config, Dsql};
    /// # async fn f(config: Config) -> Result<(), sea_orm::DbErr> {
    /// let db = Dsql::connect_pool(Dsql::builder(config).max_connections(40)).await?;
    /// # Ok(()) }
    /// ```
    pub async fn connect_pool(builder: PoolBuilder) -> Result<Self, DbErr> {
        builder.connect().await.map(Self::from).map_err(connect_err)
    }

    /// The settings of a pool, to be handed to [`connect_pool`](Self::connect_pool).
    pub fn builder(config: Config) -> PoolBuilder {
        DsqlPool::builder(config).orm("sea-orm")
    }

    /// Connects to the cluster that the environment variable `DSQL_URL` names.
    pub async fn from_env() -> Result<Self, DbErr> {
        let config = Config::from_env().map_err(|error| connect_err(error.into()))?;
        Self::connect_with(config).await
    }

    /// The same connection with DDL translated under other options, such as
    /// [`ForeignKeys::Omit`](crate::ForeignKeys::Omit).
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = Arc::new(options);
        self
    }

    /// Calls `hook` with each DDL statement that was not fit for the service
    /// as it stood, and with what it became, before that is run. Hooks are
    /// shared by all clones and cannot be taken away.
    pub fn on_translate(&self, hook: impl Fn(&Translation<'_>) + Send + Sync + 'static) {
        self.hooks.translate.add(Arc::new(hook));
    }

    /// Calls `hook` as DDL and migrations go on: which step of which plan, the
    /// job that is waited for, batches of rows, attempts that met a conflict,
    /// who else holds the lock. Hooks are shared by all clones and cannot be
    /// taken away.
    ///
    /// ```no_run
    /// # async fn f(db: dsql_sea_orm::Dsql) {
    /// use dsql_sea_orm::Progress;
    ///
    /// db.on_progress(|progress| match progress {
    ///     Progress::Work { name, .. } => println!("{name}"),
    ///     Progress::Started { statement, .. } => println!("  {statement}"),
    ///     Progress::Waiting { job_id, .. } => println!("  waiting for job {job_id}"),
    ///     _ => {}
    /// });
    /// # }
    /// ```
    pub fn on_progress(&self, hook: impl Fn(&Progress<'_>) + Send + Sync + 'static) {
        self.hooks.progress.add(Arc::new(hook));
    }

    /// The pool underneath, for plain SQLx.
    pub fn pool(&self) -> &DsqlPool {
        &self.pool
    }

    /// The policy by which [`transact`](Self::transact) and single statements
    /// are retried; set it on [`builder`](Self::builder).
    pub fn retry_policy(&self) -> &RetryPolicy {
        self.pool.retry_policy()
    }

    /// A schema builder, whose `apply(&db)` creates the tables of entities.
    pub fn get_schema_builder(&self) -> SchemaBuilder {
        Schema::new(DbBackend::Postgres).builder()
    }

    /// A schema builder of all entities under a module prefix, such as `my_crate::*`.
    #[cfg(feature = "entity-registry")]
    pub fn get_schema_registry(&self, prefix: &str) -> SchemaBuilder {
        sea_orm::EntityRegistry::build_schema(Schema::new(DbBackend::Postgres), prefix)
    }

    /// Asks the server for an answer.
    pub async fn ping(&self) -> Result<(), DbErr> {
        use dsql_sqlx::sqlx::Connection as _;
        let mut connection = self
            .pool
            .acquire()
            .await
            .map_err(crate::error::acquire_err)?;
        connection.ping().await.map_err(crate::error::conn_err)
    }

    /// Closes all connections; those in use are closed when they come back.
    pub async fn close(self) {
        self.pool.close().await;
    }
}

/// For a pool made with [`DsqlPool::builder`].
impl From<DsqlPool> for Dsql {
    fn from(pool: DsqlPool) -> Self {
        Self {
            pool,
            options: Arc::default(),
            hooks: Hooks::default(),
        }
    }
}
