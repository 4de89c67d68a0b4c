use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use dsql_connect::{Action, Credentials, sign};
use dsql_local::LocalCluster;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_postgres::{Client, Config, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A cluster for one test, and clients to it.
pub(crate) struct Fixture {
    pub(crate) cluster: LocalCluster,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self {
            cluster: LocalCluster::start().await.unwrap(),
        }
    }

    /// A new session as `admin`.
    pub(crate) async fn client(&self) -> Client {
        self.try_client(&self.config()).await.unwrap()
    }

    /// One of the variables that a command would find the cluster by.
    pub(crate) fn env(&self, name: &str) -> String {
        let mut env = self.cluster.env().into_iter();
        env.find(|(key, _)| *key == name).unwrap().1
    }

    pub(crate) fn config(&self) -> Config {
        let mut config = Config::new();
        config
            .host(self.env("PGHOST"))
            .port(self.cluster.port())
            .user(self.env("PGUSER"))
            .dbname(self.env("PGDATABASE"))
            .password(self.env("PGPASSWORD"));
        config
    }

    pub(crate) fn tls(&self) -> MakeRustlsConnect {
        MakeRustlsConnect::new(self.tls_config())
    }

    pub(crate) fn tls_config(&self) -> rustls::ClientConfig {
        tls_trusting(self.cluster.ca_file())
    }

    /// A token signed with the cluster's own keys.
    pub(crate) fn token(
        &self,
        host: &str,
        region: &str,
        action: Action,
        signed: SystemTime,
    ) -> String {
        let keys = Credentials::from_keys(
            self.env("AWS_ACCESS_KEY_ID"),
            self.env("AWS_SECRET_ACCESS_KEY"),
            None,
        );
        let minutes = Duration::from_secs(900);
        let token = sign(host, region, action, &keys, minutes, signed);
        token.expose().to_owned()
    }

    /// A session as another role than `admin`, by a token of the other action.
    pub(crate) async fn client_as(&self, role: &str) -> Result<Client, tokio_postgres::Error> {
        let token = self.token(
            "localhost",
            "us-east-1",
            Action::DbConnect,
            SystemTime::now(),
        );
        let mut config = self.config();
        config.user(role).password(token);
        self.try_client(&config).await
    }

    pub(crate) async fn try_client(
        &self,
        config: &Config,
    ) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = config.connect(self.tls()).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

/// How long `cargo xtask soak` has a test go on; otherwise not at all.
pub(crate) fn soak_time() -> Duration {
    let minutes = std::env::var("DSQL_LOCAL_SOAK_MINUTES");
    Duration::from_secs(60 * minutes.map_or(0, |minutes| minutes.parse::<u64>().unwrap()))
}

/// A client's side of TLS that trusts who `ca_file` trusts.
pub(crate) fn tls_trusting(ca_file: &Path) -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(ca_file).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"postgresql".to_vec()];
    tls
}

/// SQLSTATE and text of a refusal.
pub(crate) fn refusal(error: &tokio_postgres::Error) -> (String, String) {
    let Some(error) = error.as_db_error() else {
        panic!("not an error of the server: {error:?}")
    };
    (error.code().code().to_owned(), error.message().to_owned())
}

pub(crate) trait Ask {
    /// The refusal of a statement that must not go through.
    async fn refused(&self, sql: &str) -> (String, String);
    /// The rows of a simple query, values as text, columns joined by `|`.
    async fn rows(&self, sql: &str) -> Vec<String>;
}

impl Ask for Client {
    async fn refused(&self, sql: &str) -> (String, String) {
        match self.simple_query(sql).await {
            Ok(_) => panic!("went through: {sql}"),
            Err(error) => refusal(&error),
        }
    }

    async fn rows(&self, sql: &str) -> Vec<String> {
        let messages = match self.simple_query(sql).await {
            Ok(messages) => messages,
            Err(error) => panic!("{sql}: {error:?}"),
        };
        rows(&messages)
    }
}

/// The rows of an answer, values as text, columns joined by `|`.
pub(crate) fn rows(messages: &[SimpleQueryMessage]) -> Vec<String> {
    messages
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(
                (0..row.len())
                    .map(|column| row.get(column).unwrap_or("NULL"))
                    .collect::<Vec<_>>()
                    .join("|"),
            ),
            _ => None,
        })
        .collect()
}

pub(crate) fn conflict() -> (String, String) {
    (
        "40001".to_owned(),
        "change conflicts with another transaction (OC000)".to_owned(),
    )
}

pub(crate) fn schema_changed() -> (String, String) {
    (
        "40001".to_owned(),
        "schema has been updated by another transaction (OC001)".to_owned(),
    )
}

/// What who may not come in is told, with the reason's SQLSTATE.
pub(crate) fn access_denied(sqlstate: &str) -> (String, String) {
    (
        sqlstate.to_owned(),
        "unable to accept connection, access denied".to_owned(),
    )
}
