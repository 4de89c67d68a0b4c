//! The two workloads that pgbench is known for, by pgbench itself: a point select, and TPC-B's transaction.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor};
use tempfile::NamedTempFile;
use tokio::process::Command;

use crate::cluster::Cluster;
use crate::measure::{Effort, compare_in};
use crate::straight::Straight;
use crate::table::Row;

/// How many rows the tables have. There are branches enough that transactions which meet are rare.
const ACCOUNTS: i64 = 100_000;
const TELLERS: i64 = 10_000;
const BRANCHES: i64 = 1_000;

/// A transaction changes no more rows than this.
const BATCH: i64 = 2_500;

const SELECT: &str = "\
\\set account random(1, 100000)
SELECT balance FROM account WHERE id = :account;
";

/// As pgbench's own `tpcb-like`, in tables of the same names as TPC-B's.
const TPC_B: &str = "\
\\set account random(1, 100000)
\\set teller random(1, 10000)
\\set branch random(1, 1000)
\\set delta random(-5000, 5000)
BEGIN;
UPDATE account SET balance = balance + :delta WHERE id = :account;
SELECT balance FROM account WHERE id = :account;
UPDATE teller SET balance = balance + :delta WHERE id = :teller;
UPDATE branch SET balance = balance + :delta WHERE id = :branch;
INSERT INTO history (teller, branch, account, delta, at) VALUES (:teller, :branch, :account, :delta, CURRENT_TIMESTAMP);
END;
";

/// Nothing where there is no pgbench.
pub async fn measure(cluster: &Cluster, straight: &Straight, effort: Effort) -> Result<Vec<Row>> {
    let pgbench = Path::new("pgbench");
    if Command::new(pgbench)
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .await
        .is_err()
    {
        return Ok(Vec::new());
    }
    fill(&cluster.options()?).await?;
    fill(&straight.options()).await?;
    let (ours, theirs) = (cluster.environment(), straight.environment());
    let mut rows = Vec::new();
    for (what, script) in [("select-only", SELECT), ("TPC-B-like", TPC_B)] {
        let file = NamedTempFile::new()?;
        std::fs::write(file.path(), script)?;
        for protocol in ["simple", "prepared"] {
            let measured = compare_in(
                effort.long_rounds(),
                async || run(pgbench, file.path(), protocol, &ours, effort).await,
                async || run(pgbench, file.path(), protocol, &theirs, effort).await,
            )
            .await?;
            rows.push(Row::ratio(
                format!(
                    "pgbench, {what}, {protocol} protocol, 8 clients: local cluster / PostgreSQL"
                ),
                "/s",
                measured,
                0.8,
            ));
        }
    }
    Ok(rows)
}

async fn fill(options: &PgConnectOptions) -> Result<()> {
    let mut connection = options.connect().await?;
    for table in [
        "account (id int PRIMARY KEY, branch int, balance int)",
        "teller (id int PRIMARY KEY, branch int, balance int)",
        "branch (id int PRIMARY KEY, balance int)",
        "history (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), teller int, branch int, account int, delta int, at timestamp)",
    ] {
        let sql = format!("CREATE TABLE {table}");
        connection.execute(sqlx::AssertSqlSafe(sql)).await?;
    }
    for (table, columns, count) in [
        ("account", "n, n % 1000 + 1, 0", ACCOUNTS),
        ("teller", "n, n % 1000 + 1, 0", TELLERS),
        ("branch", "n, 0", BRANCHES),
    ] {
        let mut first = 1;
        while first <= count {
            let last = (first + BATCH - 1).min(count);
            let sql = format!(
                "INSERT INTO {table} SELECT {columns} FROM generate_series({first}, {last}) n"
            );
            connection.execute(sqlx::AssertSqlSafe(sql)).await?;
            first = last + 1;
        }
        let sql = format!("ANALYZE {table}");
        connection.execute(sqlx::AssertSqlSafe(sql)).await?;
    }
    connection.close().await?;
    Ok(())
}

/// Transactions a second that went through. One that meets a conflict is run again, on both sides.
async fn run(
    pgbench: &Path,
    script: &Path,
    protocol: &str,
    environment: &[(String, String)],
    effort: Effort,
) -> Result<f64> {
    let output = Command::new(pgbench)
        .args(["--no-vacuum", "--client=8", "--jobs=1", "--max-tries=50"])
        .arg(format!("--time={}", effort.seconds()))
        .arg(format!("--protocol={protocol}"))
        .arg("--file")
        .arg(script)
        .envs(environment.iter().cloned())
        .stdin(Stdio::null())
        .output()
        .await
        .context("running pgbench")?;
    let told = String::from_utf8_lossy(&output.stdout);
    let rate = told
        .lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    match rate {
        Some(rate) if output.status.success() => Ok(rate),
        _ => bail!(
            "pgbench: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ),
    }
}
