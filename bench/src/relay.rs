//! A relay that ends TLS and copies bytes, and does nothing else: what any process between client and PostgreSQL costs.

use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::process::{Child, Command};
use tokio_rustls::TlsAcceptor;

use crate::machine::this_program;
use crate::straight::Straight;

/// The argument that makes this program relay to the socket that is named next.
pub const RELAY: &str = "--relay";

/// What a client sends first, to ask for TLS.
const SSL_REQUEST_BYTES: usize = 8;

/// A running relay. It ends with this value.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    _process: Child,
}

impl Relay {
    /// Starts one in a process of its own, in front of the same PostgreSQL that is measured straight.
    pub async fn start(straight: &Straight) -> Result<Self> {
        let mut process = Command::new(this_program())
            .arg(RELAY)
            .arg(straight.socket())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("starting a relay in a process of its own")?;
        let output = process.stdout.take().context("its standard output")?;
        let Some(line) = BufReader::new(output).lines().next_line().await? else {
            bail!("the relay did not start; what it said stands above");
        };
        Ok(Relay {
            port: line.parse()?,
            _process: process,
        })
    }

    pub fn options(&self, straight: &Straight) -> PgConnectOptions {
        straight
            .options()
            .port(self.port)
            .ssl_mode(PgSslMode::Require)
    }
}

/// What the process of its own does: on one thread, as the local cluster serves its clients.
pub fn relay(socket: Option<String>) -> Result<()> {
    let socket: Arc<str> = socket.context("name the socket to relay to")?.into();
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der())
        .map_err(|reason| anyhow::anyhow!("{reason}"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)?;
    let tls = TlsAcceptor::from(Arc::new(config));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?.port());
        loop {
            let (client, _) = listener.accept().await?;
            let (tls, socket) = (tls.clone(), Arc::clone(&socket));
            tokio::spawn(async move { copy(client, &tls, &socket).await });
        }
    })
}

async fn copy(mut client: TcpStream, tls: &TlsAcceptor, socket: &str) -> Result<()> {
    client.set_nodelay(true)?;
    client.read_exact(&mut [0; SSL_REQUEST_BYTES]).await?;
    client.write_all(b"S").await?;
    let mut client = tls.accept(client).await?;
    let mut server = UnixStream::connect(socket).await?;
    tokio::io::copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
