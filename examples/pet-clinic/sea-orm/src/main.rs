//! A pet clinic on SeaORM and Aurora DSQL.
//!
//! `cargo run -p pet-clinic-sea-orm` starts a local cluster inside the program;
//! with `DSQL_URL` set it runs on that cluster instead. Either way it leaves
//! nothing behind.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints"
)]

mod clinic;
mod entity;
mod migration;
mod report;

use std::process::ExitCode;

use dsql_local::LocalCluster;
use dsql_sea_orm::{Dsql, DsqlMigrator};
use migration::Migrator;

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
        let db = Dsql::from_env().await?;
        let done = until_interrupted(open(&db)).await;
        let tidied = DsqlMigrator::<Migrator>::reset(&db).await;
        db.close().await;
        return done.and(tidied.map_err(Into::into));
    }
    // Its data is removed with it, so there is nothing to tidy up.
    let cluster = LocalCluster::start().await?;
    println!("A local cluster answers at {}", cluster.url());
    let day = async { open(&Dsql::connect_with(cluster.config()).await?).await };
    let done = until_interrupted(day).await;
    cluster.shutdown().await;
    done
}

/// A day at the clinic, from bare ground.
async fn open(db: &Dsql) -> anyhow::Result<()> {
    let translations = report::Translations::of(db);
    DsqlMigrator::<Migrator>::refresh(db).await?;
    translations.print();
    Ok(clinic::day(db).await?)
}

async fn until_interrupted(day: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::select! {
        done = day => done,
        () = interrupted() => anyhow::bail!("interrupted"),
    }
}

/// Ctrl-C or SIGTERM.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
