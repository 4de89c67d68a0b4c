//! dsql-sqlx, held against AWS's `aurora-dsql-sqlx-connector`, each in a process of its own and by its own defaults.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use dsql_sqlx::{Config, DsqlPool, Error, ErrorClass};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::cluster::Cluster;
use crate::machine::this_program;
use crate::many::on_the_row;
use crate::measure::{Comparison, Effort, compare_in};
use crate::side::{self, Adapter};
use crate::table::Row;

/// The argument that makes this program serve as our side.
pub const OUR_SIDE: &str = "--our-side";

/// The package of the peer. It is not among the dependencies of this one, since it brings a TLS provider of its own.
const PEER: &str = "bench/peers/sqlx-connector";

/// The rows, and what is to be said of them below the table.
pub async fn measure(cluster: &Cluster, effort: Effort) -> Result<(Vec<Row>, String)> {
    if effort == Effort::Quick {
        let left_out =
            "aurora-dsql-sqlx-connector is left out by --quick, since it has to be built first\n";
        return Ok((Vec::new(), left_out.to_owned()));
    }
    let peer = match build().await {
        Ok(peer) => peer,
        Err(error) => return Ok((Vec::new(), format!("{PEER} is not measured: {error:#}\n"))),
    };
    let mut ours = Side::start(&this_program(), &[OUR_SIDE], cluster)?;
    let mut theirs = Side::start(&peer, &[], cluster)?;
    let mut rows = Vec::new();
    for (command, what) in [
        (
            "sign 20",
            "keys of the environment read, a token signed, all anew",
        ),
        ("open 10", "pool made, all anew, up to its first answer"),
    ] {
        let measured = compare_in(
            effort.rounds(),
            async || ours.rate(command).await,
            async || theirs.rate(command).await,
        );
        let what = format!("dsql-sqlx / aurora-dsql-sqlx-connector: {what}");
        rows.push(Row::compared(what, "/s", measured.await?));
    }
    rows.extend(hot_row(cluster, &mut ours, &mut theirs, effort).await?);
    Ok((rows, String::new()))
}

/// What many tasks on one row come to.
async fn hot_row(
    cluster: &Cluster,
    ours: &mut Side,
    theirs: &mut Side,
    effort: Effort,
) -> Result<Vec<Row>> {
    let pool = DsqlPool::connect_with(cluster.config()?).await?;
    let before = on_the_row(&pool).await?;
    let command = format!("count {}", effort.seconds() * 1000);
    let measured = compare_in(
        effort.long_rounds(),
        async || ours.count(&command).await,
        async || theirs.count(&command).await,
    );
    let measured = measured.await?;
    let lost = ours.counted + theirs.counted - (on_the_row(&pool).await? - before);
    let (our_share, their_share) = (ours.refused_share(), theirs.refused_share());
    Ok(vec![
        Row::compared(
            "the same, 16 tasks count on one row: counted",
            "/s",
            measured,
        ),
        Row::compared(
            "the same, of a hundred: conflicts that reached the application",
            "",
            Comparison {
                ours: our_share,
                theirs: their_share,
                ratio: our_share / their_share,
            },
        ),
        Row::below("the same, counts lost", "", lost as f64, 1.0),
    ])
}

/// Builds the peer, and says where it is.
async fn build() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => root.join(target),
        None => root.join("target"),
    };
    let target = target.join("peers");
    let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--release", "--locked"])
        .arg("--manifest-path")
        .arg(root.join(PEER).join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .status()
        .await
        .context("cargo build")?;
    if !built.success() {
        bail!("cargo build ended with {built}");
    }
    Ok(target.join("release/peer-sqlx-connector"))
}

/// A process that does what [`side::serve`] says. It ends with this value.
struct Side {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _process: Child,
    counted: i64,
    refused: i64,
}

impl Side {
    fn start(program: &Path, arguments: &[&str], cluster: &Cluster) -> Result<Self> {
        let mut process = Command::new(program)
            .args(arguments)
            .envs(cluster.environment())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| program.display().to_string())?;
        let output = process.stdout.take().context("its standard output")?;
        Ok(Side {
            input: process.stdin.take().context("its standard input")?,
            output: BufReader::new(output).lines(),
            _process: process,
            counted: 0,
            refused: 0,
        })
    }

    async fn rate(&mut self, command: &str) -> Result<f64> {
        Ok(self.ask(command).await?.parse()?)
    }

    async fn count(&mut self, command: &str) -> Result<f64> {
        let answer = self.ask(command).await?;
        let numbers: Vec<&str> = answer.split(' ').collect();
        let [counted, refused, seconds] = numbers[..] else {
            bail!("three numbers were expected, not {answer}");
        };
        let counted: i64 = counted.parse()?;
        self.counted += counted;
        self.refused += refused.parse::<i64>()?;
        Ok(counted as f64 / seconds.parse::<f64>()?)
    }

    async fn ask(&mut self, command: &str) -> Result<String> {
        self.input
            .write_all(format!("{command}\n").as_bytes())
            .await?;
        let answer = self.output.next_line().await?;
        answer.with_context(|| format!("it ended at {command}; what it said stands above"))
    }

    /// Of a hundred.
    fn refused_share(&self) -> f64 {
        let all = (self.counted + self.refused).max(1);
        100.0 * self.refused as f64 / all as f64
    }
}

/// What the process of our side does.
pub async fn our_side() -> Result<()> {
    let served = side::serve::<Ours>().await;
    served.map_err(|error| anyhow::anyhow!("{error}"))
}

#[derive(Clone)]
struct Ours(DsqlPool);

impl Adapter for Ours {
    async fn sign() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Config::from_env()?.tokens().await?.token().await?;
        Ok(())
    }

    async fn open(connections: u32) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let pool = DsqlPool::builder(Config::from_env()?).max_connections(connections);
        let pool = pool.connect().await?;
        sqlx::query("SELECT 1")
            .execute(&mut *pool.acquire().await?)
            .await?;
        Ok(Self(pool))
    }

    async fn count(&mut self) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        let counted = self
            .0
            .transact(|tx| Box::pin(async move { Ok(side::increment(tx).await?) }));
        match counted.await {
            Ok(()) => Ok(true),
            Err(error @ Error::Database(_)) if error.class() == ErrorClass::Conflict => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn close(self) {
        self.0.close().await;
    }
}
