//! The local cluster that is measured, in a process of its own.

use std::collections::HashMap;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use dsql_connect::Config;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::machine::this_program;

/// The argument that makes this program serve a local cluster until its standard input ends.
pub const SERVE: &str = "--serve";

/// A running local cluster. It ends with this value, or with this process.
#[derive(Debug)]
pub struct Cluster {
    environment: HashMap<String, String>,
    process: Child,
}

impl Cluster {
    /// Starts one and waits until it accepts connections.
    pub async fn start() -> Result<Self> {
        let mut process = Command::new(this_program())
            .arg(SERVE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting a local cluster in a process of its own")?;
        let mut environment = HashMap::new();
        let output = process.stdout.take().context("its standard output")?;
        let mut lines = BufReader::new(output).lines();
        loop {
            let Some(line) = lines.next_line().await? else {
                bail!("the local cluster did not start; what it said stands above");
            };
            match line.split_once('=') {
                Some((name, value)) => environment.insert(name.to_owned(), value.to_owned()),
                None => break,
            };
        }
        Ok(Cluster {
            environment,
            process,
        })
    }

    /// For our own adapters.
    pub fn config(&self) -> Result<Config> {
        let mut config: Config = self.get("DSQL_URL")?.parse()?;
        config
            .sslrootcert(self.get("DSQL_CA_CERT")?)
            .password(self.get("PGPASSWORD")?);
        Ok(config)
    }

    /// For anybody else's.
    pub fn options(&self) -> Result<PgConnectOptions> {
        Ok(PgConnectOptions::new_without_pgpass()
            .host(self.get("PGHOST")?)
            .port(self.get("PGPORT")?.parse()?)
            .username(self.get("PGUSER")?)
            .database(self.get("PGDATABASE")?)
            .password(self.get("PGPASSWORD")?)
            .ssl_mode(PgSslMode::VerifyFull)
            .ssl_root_cert(self.get("PGSSLROOTCERT")?))
    }

    /// The environment in which libpq finds it.
    pub fn environment(&self) -> Vec<(String, String)> {
        let ours = self.environment.iter();
        ours.map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// How much memory its process holds, in MB; none where that cannot be seen. PostgreSQL's processes are not counted.
    pub fn memory(&self) -> Option<f64> {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id()?)).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes * 1024.0 / 1e6)
    }

    fn get(&self, name: &str) -> Result<&str> {
        let value = self.environment.get(name).map(String::as_str);
        value.with_context(|| format!("the local cluster did not tell its {name}"))
    }
}

/// What the process of its own does.
pub async fn serve() -> Result<()> {
    // What is measured makes its tables as it goes, and is no program that retries.
    let builder = dsql_local::LocalCluster::builder().schema_conflicts(false);
    let cluster = builder.start().await?;
    for (name, value) in cluster.env() {
        println!("{name}={value}");
    }
    println!();
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    cluster.shutdown().await;
    Ok(())
}
