//! PostgreSQL itself, with TLS on loopback: what the local cluster is compared with.

use std::net::TcpListener;
use std::path::PathBuf;

use anyhow::{Context, Result};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tempfile::NamedTempFile;

use crate::postgres::{Options, Postgres, Tcp};

/// A PostgreSQL of the same programs and settings as the local cluster's own.
#[derive(Debug)]
pub struct Straight {
    postgres: Postgres,
    certificate: NamedTempFile,
}

impl Straight {
    /// Starts one on a port that is free.
    pub async fn start() -> Result<Self> {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()])?;
        let certificate = NamedTempFile::new()?;
        std::fs::write(certificate.path(), cert.pem())?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let tcp = Tcp {
            port,
            certificate: cert.pem(),
            key: signing_key.serialize_pem(),
        };
        let options = Options {
            tcp: Some(tcp),
            ..Options::default()
        };
        let postgres = Postgres::start(options)
            .await
            .context("starting PostgreSQL to compare with")?;
        Ok(Straight {
            postgres,
            certificate,
        })
    }

    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("localhost")
            .port(self.postgres.port())
            .username(self.postgres.superuser())
            .database("postgres")
            .ssl_mode(PgSslMode::VerifyFull)
            .ssl_root_cert(self.certificate.path())
    }

    /// The socket that a relay leads to.
    pub fn socket(&self) -> PathBuf {
        let name = format!(".s.PGSQL.{}", self.postgres.port());
        self.postgres.socket_dir().join(name)
    }

    /// The environment in which libpq finds it.
    pub fn environment(&self) -> Vec<(String, String)> {
        let certificate = self.certificate.path().display().to_string();
        [
            ("PGHOST", "localhost"),
            ("PGPORT", &self.postgres.port().to_string()),
            ("PGUSER", self.postgres.superuser()),
            ("PGDATABASE", "postgres"),
            ("PGSSLMODE", "verify-full"),
            ("PGSSLROOTCERT", &certificate),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    pub fn version(&self) -> &str {
        self.postgres.version()
    }

    pub async fn stop(&self) {
        self.postgres.stop().await;
    }
}
