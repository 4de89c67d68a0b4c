//! A pet clinic on SQLx and Aurora DSQL.
//!
//! `cargo run -p pet-clinic-sqlx` starts a local cluster inside the program;
//! with `DSQL_URL` set it runs on that cluster instead, and takes its tables
//! away afterwards. Its queries are checked when it is compiled, against what
//! `.sqlx` keeps of a PostgreSQL with the same migrations.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints"
)]

mod clinic;

use std::process::ExitCode;

use dsql_local::LocalCluster;
use dsql_sqlx::{DsqlPool, Progress};
use sqlx::migrate::Migrator;

/// Written for PostgreSQL.
static MIGRATIONS: Migrator = sqlx::migrate!();

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pet-clinic: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    if std::env::var_os("DSQL_URL").is_some() {
        return open(&DsqlPool::from_env().await?).await;
    }
    let cluster = LocalCluster::start().await?;
    println!("A local cluster answers at {}", cluster.url());
    let done = async { open(&DsqlPool::connect_with(cluster.config()).await?).await }.await;
    cluster.shutdown().await;
    done
}

/// A day at the clinic, whose tables are gone afterwards.
async fn open(pool: &DsqlPool) -> anyhow::Result<()> {
    pool.migrations(&MIGRATIONS).run(None, print).await?;
    let done = clinic::day(pool).await;
    pool.migrations(&MIGRATIONS).revert(Some(0), |_| {}).await?;
    pool.close().await;
    done
}

fn print(progress: Progress<'_>) {
    match progress {
        Progress::Work { name, .. } => println!("{name}"),
        Progress::Started { statement, .. } => {
            let words: Vec<_> = statement.split_whitespace().collect();
            println!("    {}", words.join(" "));
        }
        Progress::Waiting { job_id, .. } => println!("    waiting for job {job_id}"),
        _ => {}
    }
}
