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
        return open(Dsql::from_env().await?).await;
    }
    let cluster = LocalCluster::start().await?;
    let done = match Dsql::connect_with(cluster.config()).await {
        Ok(db) => open(db).await,
        Err(error) => Err(error.into()),
    };
    cluster.shutdown().await;
    done
}

/// A day at the clinic, from bare ground and back.
async fn open(db: Dsql) -> anyhow::Result<()> {
    let translations = report::Translations::of(&db);
    let day = async {
        DsqlMigrator::<Migrator>::refresh(&db).await?;
        translations.print();
        Ok(clinic::day(&db).await?)
    };
    let done = tokio::select! {
        done = day => done,
        () = interrupted() => Err(anyhow::anyhow!("interrupted")),
    };
    let cleaned = DsqlMigrator::<Migrator>::reset(&db).await;
    db.close().await;
    done.and(cleaned.map_err(Into::into))
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
