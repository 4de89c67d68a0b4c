//! The private PostgreSQL behind a local cluster: found, prepared, started, kept, stopped.
//!
//! Unix only: on Windows neither the Unix socket nor the shell that keeps PostgreSQL exists.
//!
//! Every commit that was answered survives the death of PostgreSQL and of this process by any signal
//! (`synchronous_commit = on`). With `fsync = off` it need not survive the death of the machine: a local cluster is for
//! development and tests.

#[cfg(feature = "fetch")]
mod fetch;
mod find;
mod keeper;
mod kept;
mod process;
mod template;
pub(crate) mod user;

use std::fmt;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

pub use self::find::Binaries;
use self::keeper::{Keeper, StopMode};
use self::kept::Kept;
use self::user::ServerUser;
use crate::{Error, cache};

/// The superuser of every data directory, for the cluster's own business.
const SUPERUSER: &str = "dsql_local";

/// The port in the name of the socket. Free to choose: the folder is ours alone.
const PORT: u16 = 5432;

/// The longest path of a Unix socket: 108 bytes on Linux, 104 on macOS, one of them for the end.
const LONGEST_SOCKET: usize = if cfg!(target_os = "macos") { 103 } else { 107 };

/// How long PostgreSQL may take to come up; after a kill it first replays what it has written.
const START_WITHIN: Duration = Duration::from_secs(60);

/// A log that has grown beyond this starts anew with the next start.
const LONGEST_LOG: u64 = 8 << 20;

/// What kind of PostgreSQL to start.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The programs to run. Default: what is found on this machine.
    pub binaries: Option<Binaries>,
    /// A folder that keeps the data. Default: none; the data are temporary and removed at the end.
    pub data_dir: Option<PathBuf>,
    /// SQL that every new data directory gets before its first start.
    pub bootstrap: Option<Bootstrap>,
    /// How many connections PostgreSQL takes at once. Default: 1,100; a hundred more cost it 3 MB and 2 ms at its start.
    pub max_connections: u16,
    /// More settings for PostgreSQL's command line. They win over ours.
    pub settings: Vec<(String, String)>,
    /// Where the template data directory is kept. Default: `dsql` in the user's cache.
    pub cache_dir: Option<PathBuf>,
    /// Listen on 127.0.0.1 as well, with TLS, open to every local user: for measurements only. Default: no.
    pub tcp: Option<Tcp>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            binaries: None,
            data_dir: None,
            bootstrap: None,
            max_connections: 1_100,
            settings: Vec::new(),
            cache_dir: None,
            tcp: None,
        }
    }
}

/// A TLS listener of PostgreSQL itself on 127.0.0.1.
#[derive(Clone)]
pub struct Tcp {
    /// The port. It must be free: PostgreSQL cannot pick one.
    pub port: u16,
    /// The certificate in PEM.
    pub certificate: String,
    /// Its private key in PEM.
    pub key: String,
}

impl fmt::Debug for Tcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tcp")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// SQL that is run once, as superuser in the database `postgres`, when a data directory is made. It is one transaction,
/// and becomes part of the template: a warm start runs no SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// A kept data directory that was made with another version is refused.
    pub version: &'static str,
    /// The script. A semicolon followed by empty lines gets a space on them, which shows in string literals only.
    pub sql: &'static str,
}

impl Bootstrap {
    fn fingerprint(&self) -> String {
        format!("{:016x}", fingerprint([self.version, self.sql]))
    }
}

/// A running PostgreSQL.
///
/// It listens on a Unix socket in a folder that only its user can enter. Dropping this stops it, and so does the end of
/// this process, whatever ends it; a PostgreSQL that dies is started again, up to ten times in a row.
#[derive(Debug)]
pub struct Postgres {
    keeper: Keeper,
    binaries: Binaries,
    run: PathBuf,
    socket_dir: PathBuf,
    home: PathBuf,
    data: PathBuf,
    log: PathBuf,
    port: u16,
    stop: StopMode,
}

impl Postgres {
    /// Finds, prepares and starts PostgreSQL, and waits until it answers.
    ///
    /// When the future is dropped the start goes on to its end in the background and is then undone.
    ///
    /// # Errors
    /// When no PostgreSQL is found ([`Error::PostgresNotFound`], [`Error::PostgresUnusable`]), the data directory cannot
    /// be used ([`Error::DataDirectory`]), or PostgreSQL does not come up ([`Error::Start`], with the end of its log).
    pub async fn start(options: Options) -> Result<Self, Error> {
        let user = ServerUser::choose()?;
        let kept = match options.data_dir.clone() {
            Some(given) => {
                let user = user.clone();
                Some(blocking(move || Kept::open(&given, &user)).await?)
            }
            None => None,
        };
        let binaries = match options.binaries.clone() {
            Some(binaries) => binaries,
            None => find::find(kept.as_ref().and_then(Kept::major)).await?,
        };
        blocking(move || Self::start_blocking(&options, user, binaries, kept)).await
    }

    fn start_blocking(
        options: &Options,
        user: ServerUser,
        binaries: Binaries,
        kept: Option<Kept>,
    ) -> Result<Self, Error> {
        let run = run_folder(&user)?;
        let home = kept
            .as_ref()
            .map_or_else(|| run.clone(), |kept| kept.folder().to_owned());
        let data = kept.as_ref().map_or_else(|| run.join("data"), Kept::data);
        let log = home.join("postgres.log");
        let lock = match &kept {
            Some(kept) => kept.lock()?.into(),
            None => Stdio::null(),
        };
        let stop = if kept.is_some() {
            StopMode::Fast
        } else {
            StopMode::Immediate
        };
        let port = options.tcp.as_ref().map_or(PORT, |tcp| tcp.port);

        let mut command = Command::new(binaries.program("postgres"));
        command.arg("-D").arg(&data);
        for (name, value) in settings(options, &run, port) {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        let keeper = Keeper::start(&user, &run, &data, stop, &log, lock, &command)?;
        let postgres = Postgres {
            keeper,
            binaries,
            socket_dir: run.join("socket"),
            run,
            home,
            data,
            log,
            port,
            stop,
        };
        postgres.fill(options, &user, kept.as_ref())?;
        postgres.keeper.go();
        postgres.wait_until_ready()?;
        Ok(postgres)
    }

    /// Puts everything in place that PostgreSQL reads when it starts.
    fn fill(&self, options: &Options, user: &ServerUser, kept: Option<&Kept>) -> Result<(), Error> {
        let io =
            |name: &'static str| Error::io(move || format!("writing {name} in {:?}", self.run));
        make_log(&self.log, user).map_err(io("the log"))?;
        fs::write(self.run.join("pg_hba.conf"), client_rules(options))
            .map_err(io("pg_hba.conf"))?;
        if let Some(tcp) = &options.tcp {
            let (certificate, key) = (self.run.join("server.crt"), self.run.join("server.key"));
            fs::write(&certificate, &tcp.certificate).map_err(io("server.crt"))?;
            fs::write(&key, "").map_err(io("server.key"))?;
            fs::set_permissions(&key, fs::Permissions::from_mode(0o600))
                .map_err(io("server.key"))?;
            user.own(&key).map_err(io("server.key"))?;
            fs::write(&key, &tcp.key).map_err(io("server.key"))?;
        }
        let bootstrap = options.bootstrap.as_ref();
        let default_cache;
        let cache_folder = match &options.cache_dir {
            Some(folder) => Some(folder.as_path()),
            None => {
                default_cache = cache::folder(user);
                default_cache.as_deref()
            }
        };
        let instantiate = |target: &Path| {
            template::instantiate(target, cache_folder, &self.binaries, user, bootstrap)
        };
        match kept {
            Some(kept) => kept.prepare(user, self.binaries.version(), bootstrap, instantiate),
            None => instantiate(&self.data),
        }
    }

    fn wait_until_ready(&self) -> Result<(), Error> {
        let began = Instant::now();
        let failed = |reason: String| Error::Start {
            version: self.binaries.version().to_string(),
            bin: self.binaries.folder().to_owned(),
            reason,
            log: tail(&fs::read_to_string(&self.log).unwrap_or_default()),
        };
        while !self.is_ready() {
            if let Some(status) = self.keeper.exit_status() {
                return Err(failed(format!("it ended with status {status}")));
            }
            if began.elapsed() > START_WITHIN {
                return Err(failed(format!(
                    "it was not ready after {} seconds",
                    START_WITHIN.as_secs()
                )));
            }
            thread::sleep(Duration::from_millis(1));
        }
        // From now on the keeper starts it again should it die.
        fs::write(self.run.join("up"), "")
            .map_err(Error::io(|| format!("writing into {:?}", self.run)))
    }

    /// What pg_ctl goes by: the eighth line of postmaster.pid.
    fn is_ready(&self) -> bool {
        fs::read_to_string(self.data.join("postmaster.pid")).is_ok_and(|text| {
            text.lines()
                .nth(7)
                .is_some_and(|line| line.trim() == "ready")
        })
    }

    /// The folder of the Unix socket, for `host=` of a libpq connection string.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// The port in the name of the socket; also the TCP port when one was asked for.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The superuser. No password is asked for on the socket.
    #[must_use]
    pub fn superuser(&self) -> &'static str {
        SUPERUSER
    }

    /// PostgreSQL's data directory.
    #[cfg(test)]
    pub(crate) fn data_dir(&self) -> &Path {
        &self.data
    }

    /// A folder that everyone may enter and that lives as long as the data: the one that was given, or a temporary one.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The version that runs, such as `15.18`.
    #[must_use]
    pub fn version(&self) -> &str {
        self.binaries.version().number()
    }

    /// Ends when PostgreSQL is gone for good, stopped or dead, and tells how: its exit status and the end of its log.
    pub fn exited(&self) -> impl Future<Output = String> + Send + 'static {
        let exited = self.keeper.exited();
        let log = self.log.clone();
        async move {
            let status = exited.await;
            let log = tail(&fs::read_to_string(log).unwrap_or_default());
            format!("PostgreSQL ended with status {status}; the end of its log: {log}")
        }
    }

    /// Stops PostgreSQL and removes what is temporary. Connections are cut; committed data of a kept data directory are
    /// written out. Stopping twice is no error.
    pub async fn stop(&self) {
        self.keeper.request_stop(self.stop);
        self.keeper.done().await;
    }
}

/// Runs file and process work where it may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| {
            Err(Error::io(|| "preparing PostgreSQL")(std::io::Error::other(
                error,
            )))
        })
}

/// The folder of one run, which the keeper is to make: short, and reachable by PostgreSQL's user.
fn run_folder(user: &ServerUser) -> Result<PathBuf, Error> {
    let mut tried = Vec::new();
    for root in [std::env::temp_dir(), "/tmp".into(), "/var/tmp".into()] {
        match run_folder_in(&root, user) {
            Ok(folder) => return Ok(folder),
            Err(reason) => tried.push(format!("{}: {reason}", root.display())),
        }
    }
    Err(Error::NoTemporaryFolder {
        user: user.name.clone(),
        tried: tried.join("; "),
    })
}

fn run_folder_in(root: &Path, user: &ServerUser) -> Result<PathBuf, String> {
    let root = root.canonicalize().map_err(|error| error.to_string())?;
    if let Some(barrier) = user.barred_at(&root) {
        return Err(format!("it cannot enter {}", barrier.display()));
    }
    if !user.may_write(&root) {
        return Err("it cannot write there".to_owned());
    }
    // Not secret, just unused: the keeper fails on a folder that exists. Programs that start at the same moment draw the
    // same.
    let name: String = std::iter::repeat_with(fastrand::alphanumeric)
        .take(5)
        .collect();
    let folder = root.join(format!("dsql-local-{}-{name}", std::process::id()));
    let longest = folder.join(format!("socket/.s.PGSQL.{}", u16::MAX));
    let length = longest.as_os_str().len();
    if length > LONGEST_SOCKET {
        return Err(format!(
            "a socket's path would have {length} bytes there, and {LONGEST_SOCKET} is the limit"
        ));
    }
    Ok(folder)
}

/// Makes sure that PostgreSQL's user, who may not make files in every folder, has a log to write to.
fn make_log(path: &Path, user: &ServerUser) -> std::io::Result<()> {
    if fs::metadata(path).is_ok_and(|metadata| metadata.len() > LONGEST_LOG) {
        fs::remove_file(path)?;
    }
    File::options().create(true).append(true).open(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    user.own(path)
}

/// Who may connect: PostgreSQL's user and root, through the private socket.
fn client_rules(options: &Options) -> &'static str {
    if options.tcp.is_some() {
        "local all all trust\nhostssl all all 127.0.0.1/32 trust\n"
    } else {
        "local all all trust\n"
    }
}

/// PostgreSQL's settings, in the order in which they override each other.
fn settings(options: &Options, run: &Path, port: u16) -> Vec<(String, String)> {
    let file = |name: &str| run.join(name).display().to_string();
    let mut settings: Vec<(&str, String)> = vec![
        ("listen_addresses", String::new()),
        ("port", port.to_string()),
        ("unix_socket_directories", file("socket")),
        ("unix_socket_permissions", "0700".into()),
        ("hba_file", file("pg_hba.conf")),
        ("max_connections", options.max_connections.to_string()),
        // As the service has it.
        ("timezone", "UTC".into()),
        ("default_transaction_isolation", "repeatable read".into()),
        // Sessions never wait for each other long; where two do, PostgreSQL is to find out at once.
        ("deadlock_timeout", "1ms".into()),
        // Commits outlive a killed process, not a machine that loses its power.
        ("synchronous_commit", "on".into()),
        ("fsync", "off".into()),
        ("full_page_writes", "off".into()),
        ("wal_level", "minimal".into()),
        ("max_wal_senders", "0".into()),
        ("min_wal_size", "8MB".into()),
        ("max_wal_size", "256MB".into()),
        ("checkpoint_timeout", "30min".into()),
        // One developer's machine, which has other things to do.
        ("shared_buffers", "128MB".into()),
        ("huge_pages", "off".into()),
        ("jit", "off".into()),
        ("max_parallel_workers_per_gather", "0".into()),
        ("autovacuum_max_workers", "1".into()),
        // The sessions' own errors are answered to the client and need no second telling.
        ("logging_collector", "off".into()),
        ("log_destination", "stderr".into()),
        ("log_min_messages", "log".into()),
        ("log_min_error_statement", "panic".into()),
        ("log_checkpoints", "off".into()),
        ("log_timezone", "UTC".into()),
    ];
    if options.tcp.is_some() {
        settings.extend([
            ("listen_addresses", "127.0.0.1".into()),
            ("ssl", "on".into()),
            ("ssl_cert_file", file("server.crt")),
            ("ssl_key_file", file("server.key")),
        ]);
    }
    let ours = settings
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    ours.chain(options.settings.iter().cloned()).collect()
}

/// The last lines of a program's output, on one line.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    if lines.is_empty() {
        return "(nothing)".to_owned();
    }
    lines[lines.len().saturating_sub(8)..].join(" | ")
}

/// FNV-1a over parts and their ends. Names files, guards nothing.
fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a str>) -> u64 {
    let bytes = parts
        .into_iter()
        .flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
