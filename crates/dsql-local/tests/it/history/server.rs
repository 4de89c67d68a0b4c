//! A cluster in a process of its own, so that it can be killed.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use dsql_local::LocalCluster;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, RwLock};
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::it::support::tls_trusting;

/// It is back within this, whatever was killed.
const BACK: Duration = Duration::from_secs(60);

const DATA: &str = "DSQL_HISTORY_DATA";
const RATES: &str = "DSQL_HISTORY_RATES";
const SEED: &str = "DSQL_HISTORY_SEED";

/// What stands before each line for the parent; the test harness writes others.
const MARK: &str = "history: ";

pub(super) struct Server {
    folder: tempfile::TempDir,
    rates: &'static str,
    seed: u64,
    process: Mutex<Option<Child>>,
    /// The variables that clients find it by.
    found: RwLock<HashMap<String, String>>,
}

impl Server {
    pub(super) async fn start(rates: &'static str, seed: u64) -> Self {
        let server = Self {
            folder: tempfile::tempdir().unwrap(),
            rates,
            seed,
            process: Mutex::new(None),
            found: RwLock::default(),
        };
        server.spawn().await;
        server
    }

    /// A new session, as soon as there is a server.
    pub(super) async fn client(&self) -> Client {
        let began = Instant::now();
        loop {
            match self.try_client().await {
                Ok(client) => return client,
                Err(error) => assert!(began.elapsed() < BACK, "nobody is let in: {error:?}"),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn try_client(&self) -> Result<Client, tokio_postgres::Error> {
        let found = self.found.read().await.clone();
        let mut config = Config::new();
        config
            .host(&found["PGHOST"])
            .port(found["PGPORT"].parse().unwrap())
            .user(&found["PGUSER"])
            .dbname(&found["PGDATABASE"])
            .password(&found["PGPASSWORD"]);
        let tls = tls_trusting(Path::new(&found["PGSSLROOTCERT"]));
        let (client, connection) = config.connect(MakeRustlsConnect::new(tls)).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Kills PostgreSQL, which the cluster starts again. It may be about to start from the last time.
    pub(super) async fn kill_postgres(&self) {
        let pid_file = self.data().join("postgres/postmaster.pid");
        let began = Instant::now();
        let pid: u32 = loop {
            let text = tokio::fs::read_to_string(&pid_file).await;
            let text = text.unwrap_or_default();
            if let Some(Ok(pid)) = text.lines().next().map(str::parse) {
                break pid;
            }
            assert!(began.elapsed() < BACK, "PostgreSQL does not start");
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let script = format!("kill -s KILL {pid}");
        let killed = Command::new("/bin/sh").args(["-c", &script]).status().await;
        assert!(killed.unwrap().success());
    }

    /// Kills the server, and starts another on the same data.
    pub(super) async fn kill_and_start(&self) {
        let process = self.process.lock().await.take();
        process.unwrap().kill().await.unwrap();
        self.spawn().await;
    }

    /// Starts a process, again and again while what is left of an earlier one still has the data.
    async fn spawn(&self) {
        let began = Instant::now();
        loop {
            let mut process = Command::new(std::env::current_exe().unwrap())
                .args([
                    "it::history::server::serve",
                    "--exact",
                    "--ignored",
                    "--nocapture",
                ])
                .env(DATA, self.data())
                .env(RATES, self.rates)
                .env(SEED, self.seed.to_string())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .unwrap();
            let output = process.stdout.take().unwrap();
            if let Some(found) = read(BufReader::new(output)).await {
                *self.found.write().await = found;
                *self.process.lock().await = Some(process);
                return;
            }
            assert!(began.elapsed() < BACK, "the server does not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

/// The variables that a server says; none when it ends before.
async fn read(
    output: BufReader<impl AsyncRead + Unpin + Send + 'static>,
) -> Option<HashMap<String, String>> {
    let mut lines = output.lines();
    let mut found = HashMap::new();
    while let Ok(Some(line)) = lines.next_line().await {
        // The harness begins the line with the name of the test.
        let Some((_, told)) = line.split_once(MARK) else {
            continue;
        };
        match told.split_once('=') {
            Some((name, value)) => found.insert(name.to_owned(), value.to_owned()),
            None => {
                // Nobody reads on: what the harness says later must not block it.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Some(found);
            }
        };
    }
    None
}

/// No test, but what the process does: it serves until its parent is gone.
#[tokio::test]
#[ignore = "what the history's server is; it is started by that"]
async fn serve() {
    let Ok(data) = std::env::var(DATA) else {
        return;
    };
    let builder = LocalCluster::builder()
        .data_dir(data)
        .faults(std::env::var(RATES).unwrap().parse().unwrap())
        .seed(std::env::var(SEED).unwrap().parse().unwrap());
    let cluster = builder.start().await.unwrap();
    for (name, value) in cluster.env() {
        println!("{MARK}{name}={value}");
    }
    println!("{MARK}ready");
    let parent_gone = || std::io::stdin().read_to_end(&mut Vec::new());
    let _ = tokio::task::spawn_blocking(parent_gone).await;
    cluster.shutdown().await;
}
