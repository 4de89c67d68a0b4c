//! A cluster on this machine: PostgreSQL behind, a TLS listener in front.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

use dsql_connect::{Config, Credentials, verify};
use tokio::sync::watch;

use crate::catalog::{ADMIN, BOOTSTRAP, BOOTSTRAP_VERSION, DATABASE};
use crate::conflict::{CatalogVersion, Registry};
use crate::door::Door;
use crate::error::Error;
use crate::inject::{Fault, FaultCounts, FaultRates, Injector};
use crate::jobs::{self, Jobs};
use crate::keys;
use crate::limits::Limits;
use crate::postgres::{self, Postgres};
use crate::reach::Reaches;
use crate::server::{Listeners, Server};
use crate::status::Board;
use crate::tls::{self, Authority};
use crate::upstream::Address;
use crate::wire::backend::ServerError;

/// The name under which a cluster is reached, and for which its tokens are signed.
const HOST: &str = "localhost";

/// A local Aurora DSQL cluster.
///
/// It stops when it is dropped or [shut down](Self::shutdown), and when the process ends in whatever way: PostgreSQL
/// ends with it, and data that is not to be kept is removed.
///
/// It listens on loopback only: `127.0.0.1`, and `::1` where there is such an address.
#[derive(Debug)]
pub struct LocalCluster {
    shared: Arc<Shared>,
    server: Server,
    postgres: Postgres,
    authority: Authority,
    port: u16,
    status_port: Option<u16>,
}

/// How clients prove who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// By an IAM token, verified as the service does: signature, expiry, host, region, action and user.
    #[default]
    Iam,
    /// Not at all: any password will do, and none is asked for. Encryption stays.
    Trust,
}

/// How a [`LocalCluster`] is to be.
///
/// # Defaults
///
/// | setting | default |
/// |---|---|
/// | [`port`](Self::port) | 0: any that is free |
/// | [`data_dir`](Self::data_dir) | none: data in a temporary directory, removed at the end |
/// | [`auth`](Self::auth) | [`Auth::Iam`] |
/// | [`region`](Self::region) | `us-east-1` |
/// | [`limits`](Self::limits) | the service's |
/// | [`faults`](Self::faults) | none |
/// | [`seed`](Self::seed) | another each time |
/// | [`schema_conflicts`](Self::schema_conflicts) | true |
/// | [`job_delay`](Self::job_delay) | zero |
/// | [`job_retention`](Self::job_retention) | 30 minutes |
/// | [`status`](Self::status) | none |
#[derive(Clone, Debug)]
pub struct Builder {
    port: u16,
    data_dir: Option<PathBuf>,
    auth: Auth,
    region: String,
    limits: Limits,
    faults: FaultRates,
    seed: Option<u64>,
    schema_conflicts: bool,
    job_delay: Duration,
    job_retention: Duration,
    status: Option<u16>,
}

/// What the sessions of a cluster have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) address: Address,
    pub(crate) tls: Arc<rustls::ServerConfig>,
    pub(crate) auth: Auth,
    pub(crate) registry: Registry,
    pub(crate) jobs: Jobs,
    pub(crate) limits: Limits,
    pub(crate) door: Door,
    pub(crate) reaches: Reaches,
    /// How far PostgreSQL's log had come when somebody looked last.
    pub(crate) log_position: AtomicU64,
    /// How often the mappings of IAM identities to roles have changed.
    pub(crate) mappings: AtomicU64,
    pub(crate) injector: Injector,
    pub(crate) catalog: CatalogVersion,
    /// Turns true when no more work is to be begun.
    pub(crate) draining: watch::Sender<bool>,
    /// Turns true when the cluster stops.
    pub(crate) stop: watch::Sender<bool>,
    /// What the status page remembers, where there is one.
    pub(crate) board: Option<Board>,
    pub(crate) port: u16,
    pub(crate) postgres_version: String,
    pub(crate) region: String,
    credentials: Credentials,
}

impl LocalCluster {
    /// Starts a cluster with every [default](Builder).
    ///
    /// # Errors
    ///
    /// When PostgreSQL 15 or newer is not found or does not start, or the port is in use.
    pub async fn start() -> Result<Self, Error> {
        Self::builder().start().await
    }

    /// A cluster with settings of your own.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The URL to connect to, for programs that take the rest from the environment: `dsql://admin@localhost:PORT/postgres`
    /// with its region. It holds no secret and does not name the certificate; [`config`](Self::config) does.
    pub fn url(&self) -> String {
        format!(
            "dsql://{ADMIN}@{HOST}:{}/{DATABASE}?region={}",
            self.port, self.shared.region
        )
    }

    /// Everything that a connection needs, the cluster's own keys and certificate included.
    pub fn config(&self) -> Config {
        let mut config = Config::new(HOST);
        config
            .port(self.port)
            .user(ADMIN)
            .dbname(DATABASE)
            .region(&self.shared.region)
            .sslrootcert(self.ca_file())
            .credentials(self.shared.credentials.clone());
        config
    }

    /// The environment in which a command finds this cluster: libpq's variables with a valid token as password,
    /// `DSQL_URL`, `DSQL_ENDPOINT`, `DSQL_CA_CERT`, and keys and region for the AWS SDKs.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let ca_file = self.ca_file().display().to_string();
        let credentials = &self.shared.credentials;
        vec![
            ("PGHOST", HOST.to_owned()),
            ("PGPORT", self.port.to_string()),
            ("PGUSER", ADMIN.to_owned()),
            ("PGDATABASE", DATABASE.to_owned()),
            ("PGPASSWORD", self.token()),
            ("PGSSLMODE", "verify-full".to_owned()),
            ("PGSSLROOTCERT", ca_file.clone()),
            ("DSQL_URL", self.url()),
            ("DSQL_ENDPOINT", HOST.to_owned()),
            ("DSQL_CA_CERT", ca_file),
            ("AWS_ACCESS_KEY_ID", credentials.access_key_id().to_owned()),
            (
                "AWS_SECRET_ACCESS_KEY",
                credentials.secret_access_key().to_owned(),
            ),
            ("AWS_REGION", self.shared.region.clone()),
        ]
    }

    /// The TCP port that the cluster listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where the [status page](Builder::status) is, if there is one.
    pub fn status_url(&self) -> Option<String> {
        (self.status_port).map(|port| format!("http://{HOST}:{port}/"))
    }

    /// The certificate of the authority that signs the cluster's own, as PEM.
    pub fn ca_file(&self) -> &Path {
        self.authority.ca_file()
    }

    /// The version of the PostgreSQL behind the cluster, such as `15.18`. Clients are told the service's.
    pub fn postgres_version(&self) -> String {
        self.postgres.version().to_string()
    }

    /// Orders a fault: it befalls the next statement or commit that it fits.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), dsql_local::Error> {
    /// use dsql_local::{Fault, LocalCluster};
    ///
    /// let cluster = LocalCluster::start().await?;
    /// cluster.inject(Fault::conflict().times(2));
    /// // What the program under test commits now is refused with OC000, twice.
    /// assert_eq!(cluster.faults().ordered, 2);
    /// # cluster.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn inject(&self, fault: Fault) {
        self.shared.injector.order(fault);
    }

    /// How many faults have been made, ordered ones and those by [rate](Builder::faults).
    pub fn faults(&self) -> FaultCounts {
        self.shared.injector.counts()
    }

    /// What the faults are drawn by.
    pub fn seed(&self) -> u64 {
        self.shared.injector.seed()
    }

    /// Returns when PostgreSQL has ended without having been asked to; says why, as far as is known.
    pub async fn failed(&self) -> String {
        self.postgres.exited().await
    }

    /// Lets nobody in any more, ends sessions that are in no transaction, and the others when their transaction has
    /// ended. True: all have ended; false: the time is up. To be followed by [`shutdown`](Self::shutdown).
    pub async fn drain(&mut self, within: Duration) -> bool {
        self.shared.draining.send_replace(true);
        tokio::time::timeout(within, self.server.ended())
            .await
            .is_ok()
    }

    /// Stops the cluster: sessions are ended, PostgreSQL is stopped, and data that is not to be kept is removed.
    pub async fn shutdown(mut self) {
        self.shared.stop.send_replace(true);
        self.server.ended().await;
        self.postgres.stop().await;
    }

    /// A token for `admin` that is good for a week: as long as the service allows.
    fn token(&self) -> String {
        let token = dsql_connect::sign(
            HOST,
            &self.shared.region,
            dsql_connect::Action::DbConnectAdmin,
            &self.shared.credentials,
            dsql_connect::MAX_TOKEN_DURATION,
            SystemTime::now(),
        );
        token.expose().to_owned()
    }
}

impl Drop for LocalCluster {
    fn drop(&mut self) {
        self.shared.stop.send_replace(true);
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            port: 0,
            data_dir: None,
            auth: Auth::default(),
            region: "us-east-1".to_owned(),
            limits: Limits::default(),
            faults: FaultRates::default(),
            seed: None,
            schema_conflicts: true,
            job_delay: Duration::ZERO,
            job_retention: jobs::RETENTION,
            status: None,
        }
    }
}

impl Builder {
    /// The TCP port to listen on; 0 for any that is free.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Where the data is kept from one start to the next. Made when it is not there.
    #[must_use]
    pub fn data_dir(mut self, data_dir: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(data_dir.into());
        self
    }

    /// How clients prove who they are.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// The AWS region that tokens must be signed for.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = region.into();
        self
    }

    /// How much the cluster takes.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How often which fault is made.
    #[must_use]
    pub fn faults(mut self, rates: FaultRates) -> Self {
        self.faults = rates;
        self
    }

    /// What the faults are drawn by. With the same seed and rates, the n-th session meets the same faults at the same
    /// of its statements, whatever other sessions do meanwhile.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Whether a session's next statement fails with 40001 OC001, once, when another session has changed the catalog:
    /// by DDL, GRANT or REVOKE, or when an asynchronous job has succeeded.
    #[must_use]
    pub fn schema_conflicts(mut self, on: bool) -> Self {
        self.schema_conflicts = on;
        self
    }

    /// How long an asynchronous job is held up before it does its work: `processing`, its index invalid.
    #[must_use]
    pub fn job_delay(mut self, delay: Duration) -> Self {
        self.job_delay = delay;
        self
    }

    /// How long a job that has ended stays in `sys.jobs`.
    #[must_use]
    pub fn job_retention(mut self, retention: Duration) -> Self {
        self.job_retention = retention;
        self
    }

    /// A page for the browser on this TCP port, 0 for any that is free, on loopback only: sessions, transactions,
    /// conflicts by table and key, jobs, refused statements, faults, limits met. `/status.json` says the same to programs.
    #[must_use]
    pub fn status(mut self, port: u16) -> Self {
        self.status = Some(port);
        self
    }

    /// Starts the cluster; it accepts connections when this returns.
    ///
    /// # Errors
    ///
    /// When PostgreSQL 15 or newer is not found or does not start, the data directory is not one of a cluster or in
    /// use, or the port is in use.
    pub async fn start(self) -> Result<LocalCluster, Error> {
        let listeners = Listeners::bind(self.port)?;
        let port = listeners.port();
        let status = self.status.map(Listeners::bind).transpose()?;
        let status_port = status.as_ref().map(Listeners::port);
        let keeps = self.data_dir.is_some();
        let postgres = Postgres::start(postgres::Options {
            data_dir: self.data_dir,
            bootstrap: Some(postgres::Bootstrap {
                version: BOOTSTRAP_VERSION,
                sql: BOOTSTRAP,
            }),
            ..postgres::Options::default()
        })
        .await?;
        let authority = if keeps {
            Authority::kept(postgres.home())?
        } else {
            Authority::ephemeral(postgres.home())?
        };
        let credentials = if keeps {
            keys::kept(postgres.home())?
        } else {
            keys::ephemeral()
        };
        let address = Address {
            socket_dir: postgres.socket_dir().to_owned(),
            port: postgres.port(),
            superuser: postgres.superuser().to_owned(),
        };
        let shared = Arc::new(Shared {
            registry: Registry::new(),
            address,
            tls: tls::acceptor(&authority)?,
            auth: self.auth,
            jobs: Jobs::new(self.job_delay, self.job_retention),
            catalog: CatalogVersion::new(self.schema_conflicts),
            door: Door::new(&self.limits),
            limits: self.limits,
            reaches: Reaches::default(),
            log_position: AtomicU64::new(0),
            mappings: AtomicU64::new(0),
            injector: Injector::new(self.faults, self.seed.unwrap_or_else(|| fastrand::u64(..))),
            draining: watch::Sender::new(false),
            stop: watch::Sender::new(false),
            board: status.is_some().then(Board::new),
            port,
            postgres_version: postgres.version().to_owned(),
            region: self.region,
            credentials,
        });
        let server = Server::start(Arc::clone(&shared), listeners, status)?;
        Ok(LocalCluster {
            shared,
            server,
            postgres,
            authority,
            port,
            status_port,
        })
    }
}

impl Shared {
    /// Verifies a token as the service does. The host that it is signed for is the one that the client asked TLS for.
    pub(crate) fn verify(
        &self,
        token: &str,
        user: &str,
        server_name: Option<&str>,
    ) -> Result<(), ServerError> {
        let own = [HOST, "127.0.0.1", "::1", "[::1]"];
        let named = server_name.map(|name| [name]);
        let hosts: &[&str] = match &named {
            Some(named) if named[0] != HOST => named,
            _ => &own,
        };
        let secret_for = |access_key_id: &str| {
            (access_key_id == self.credentials.access_key_id()).then(|| self.credentials.clone())
        };
        let expected = verify::Expected {
            user,
            hosts,
            region: &self.region,
            now: SystemTime::now(),
            secret_for: &secret_for,
        };
        verify::verify(token, &expected).map_err(|refusal| {
            let error = ServerError::new("08006", refusal.message());
            match refusal.detail() {
                Some(detail) => error.with_hint(detail),
                None => error,
            }
        })
    }
}
