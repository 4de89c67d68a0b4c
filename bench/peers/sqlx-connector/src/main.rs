//! `aurora-dsql-sqlx-connector`, as `cargo xtask bench` measures it: by its own defaults.
//!
//! It takes any host that is named with a region. The file of certificates to trust cannot be in its URL; what SQLx
//! reads from `PGSSLROOTCERT` holds.

#[path = "../../../src/side.rs"]
mod side;

use std::env;

use aurora_dsql_sqlx_connector::{DsqlConnectOptions, DsqlError, OCCRetryExt, pool, txn};
use side::{Adapter, increment, serve};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    serve::<Connector>().await
}

#[derive(Clone)]
struct Connector(PgPool);

fn url() -> Result<String> {
    let (host, port) = (env::var("PGHOST")?, env::var("PGPORT")?);
    let region = env::var("AWS_REGION")?;
    Ok(format!(
        "postgres://admin@{host}:{port}/postgres?region={region}"
    ))
}

impl Adapter for Connector {
    async fn sign() -> Result<()> {
        let options = DsqlConnectOptions::from_connection_string(&url()?)?;
        options.authenticated_pg_options().await?;
        Ok(())
    }

    async fn open(connections: u32) -> Result<Self> {
        let options = DsqlConnectOptions::from_connection_string(&url()?)?;
        let size = PgPoolOptions::new().max_connections(connections);
        let pool = pool::connect_with(&options, size).await?;
        sqlx::query("SELECT 1").execute(&pool).await?;
        Ok(Self(pool))
    }

    async fn count(&mut self) -> Result<bool> {
        let counted = self
            .0
            .transaction_with_retry(None, |tx| txn!(increment(tx).await));
        match counted.await {
            Ok(()) => Ok(true),
            Err(DsqlError::OCCRetryExhausted { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn close(self) {
        self.0.close().await;
    }
}
