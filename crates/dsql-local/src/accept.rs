//! From a TCP connection to a session: TLS, start-up, the token.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::catalog::{ADMIN, DATABASE, SERVER_VERSION};
use crate::cluster::{Auth, Shared};
use crate::door;
use crate::session::form::{SYNC_INDEX, UPSTREAM_SYNC_INDEX};
use crate::session::{Client, Session, iam};
use crate::upstream::{ConnectError, Greeting, Upstream};
use crate::wire::backend::{self, ServerError};
use crate::wire::frame::{Fields, Frame};
use crate::wire::startup::{MAX_STARTUP_BYTES, Startup};

/// PostgreSQL's own `authentication_timeout`: who has not come in by then is shown out.
const PATIENCE: Duration = Duration::from_secs(60);

/// A password message is a token: a few hundred bytes, a few thousand with a session token in it.
const MAX_PASSWORD_BYTES: usize = 64 * 1024;

/// The first byte of a TLS handshake: the client starts with TLS instead of asking for it.
const TLS_HANDSHAKE: u8 = 0x16;

/// Serves one connection to its end.
pub(crate) async fn serve(cluster: Arc<Shared>, stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let session = match tokio::time::timeout(PATIENCE, open(&cluster, stream)).await {
        Ok(Ok(Some(session))) => session,
        Ok(Ok(None)) => return,
        Ok(Err(error)) => {
            tracing::debug!(%error, "a connection did not come to a session");
            return;
        }
        Err(_elapsed) => {
            tracing::debug!("a connection did not come to a session in time");
            return;
        }
    };
    let stop = cluster.stop.subscribe();
    session.serve(stop).await;
}

/// `None` when the client has been answered and wants nothing more.
async fn open(cluster: &Arc<Shared>, stream: TcpStream) -> io::Result<Option<Session>> {
    let Some(mut client) = encrypt(cluster, stream).await? else {
        return Ok(None);
    };
    let packet = read_startup(&mut client).await?;
    let (minor, parameters) = match Startup::of(packet) {
        Ok(Startup::Session { minor, parameters }) => (minor, parameters),
        Ok(Startup::Cancel(packet)) => {
            cancel(cluster, &packet).await?;
            // A client that waits for the end wants it said in TLS, too: libpq's encrypted cancel does.
            client.stream.shutdown().await?;
            return Ok(None);
        }
        _ => {
            let error = ServerError::new("08P01", "invalid startup packet");
            return refuse(cluster, &mut client, &error).await;
        }
    };
    let request = match Request::of(cluster, &parameters) {
        Ok(request) => request,
        Err(error) => return refuse(cluster, &mut client, &error).await,
    };
    let visit = match cluster.door.enter(&cluster.limits) {
        Ok(visit) => visit,
        Err(error) => return refuse(cluster, &mut client, &error).await,
    };
    if minor > 0 || !request.protocol_options.is_empty() {
        backend::negotiate_protocol_version(&mut client.output, &request.protocol_options);
    }
    if cluster.auth == Auth::Iam {
        backend::authentication_cleartext_password(&mut client.output);
        client.flush().await?;
        let Some(token) = read_password(&mut client).await? else {
            return Ok(None);
        };
        let server_name = client.stream.get_ref().1.server_name();
        if let Err(error) = cluster.verify(&token, request.user, server_name) {
            return refuse(cluster, &mut client, &error).await;
        }
    }
    match Upstream::connect(&cluster.address, &request.parameters()).await {
        Ok((mut upstream, greeting)) => {
            let mut mappings = None;
            if cluster.auth == Auth::Iam && request.user != ADMIN {
                mappings = Some(cluster.mappings.load(Ordering::Acquire));
                let found = upstream.rows(iam::IS_MAPPED, None).await?;
                if found.unwrap_or_default().is_empty() {
                    upstream.close().await;
                    return refuse(cluster, &mut client, &iam::access_denied()).await;
                }
            }
            let card = cluster
                .board
                .as_ref()
                .map(|board| board.card(request.user, request.setting("application_name")));
            let card = card.unwrap_or_default();
            tracing::info!(
                pid = upstream.pid(),
                user = request.user,
                application_name = request.setting("application_name"),
                "session began"
            );
            greet(&mut client.output, &greeting);
            client.flush().await?;
            Ok(Some(Session::new(
                Arc::clone(cluster),
                client,
                upstream,
                visit,
                mappings,
                card,
            )))
        }
        // PostgreSQL takes fewer than the service does.
        Err(ConnectError::Refused(error)) if error.sqlstate == "53300" => {
            refuse(cluster, &mut client, &door::too_many()).await
        }
        Err(ConnectError::Refused(error))
            if error.message.ends_with("is not permitted to log in") =>
        {
            let message = format!("role \"{}\" must have the LOGIN attribute", request.user);
            refuse(cluster, &mut client, &ServerError::new("28000", message)).await
        }
        Err(ConnectError::Refused(error)) => refuse(cluster, &mut client, &error).await,
        Err(ConnectError::Io(error)) => {
            let told = ServerError::new("XX000", "server unavailable");
            refuse(cluster, &mut client, &told).await?;
            Err(error)
        }
    }
}

/// Brings the connection under TLS, however the client begins; plaintext is refused.
async fn encrypt(cluster: &Shared, mut stream: TcpStream) -> io::Result<Option<Client>> {
    loop {
        let mut first = [0_u8; 1];
        if stream.peek(&mut first).await? == 0 {
            return Ok(None);
        }
        if first[0] == TLS_HANDSHAKE {
            let tls = TlsAcceptor::from(Arc::clone(&cluster.tls))
                .accept(stream)
                .await?;
            // PostgreSQL asks for it too: what begins with TLS must say that it means this protocol.
            return match tls.get_ref().1.alpn_protocol() {
                Some(_) => Ok(Some(Client::new(tls))),
                None => Ok(None),
            };
        }
        let packet = read_packet(&mut stream).await?;
        match Startup::of(packet) {
            Ok(Startup::Ssl) => {
                stream.write_all(b"S").await?;
                let tls = TlsAcceptor::from(Arc::clone(&cluster.tls))
                    .accept(stream)
                    .await?;
                return Ok(Some(Client::new(tls)));
            }
            Ok(Startup::Gss) => stream.write_all(b"N").await?,
            Ok(Startup::Cancel(packet)) => {
                cancel(cluster, &packet).await?;
                return Ok(None);
            }
            _ => {
                let error = ServerError::new("28000", "connections without TLS are refused")
                    .with_hint("Connect with sslmode=verify-full.");
                let mut out = BytesMut::new();
                backend::error(&mut out, "FATAL", &error);
                stream.write_all(&out).await?;
                return Ok(None);
            }
        }
    }
}

/// What a client asks for in its start-up packet.
#[derive(Debug)]
struct Request<'a> {
    user: &'a str,
    /// Session parameters to begin with.
    settings: Vec<(&'a str, &'a str)>,
    /// Options of a newer protocol that are not known here.
    protocol_options: Vec<&'a str>,
}

impl<'a> Request<'a> {
    fn of(cluster: &Shared, parameters: &'a [(String, String)]) -> Result<Self, ServerError> {
        let mut request = Self {
            user: "",
            settings: Vec::new(),
            protocol_options: Vec::new(),
        };
        let mut database = None;
        for (name, value) in parameters {
            match name.as_str() {
                "user" => request.user = value,
                "database" => database = Some(value.as_str()),
                // `-c name=value …`: the service reads `amzn-cluster-id` there, which one cluster has no use for.
                "options" => request.settings.extend(options(value)?),
                "replication" => {
                    return Err(ServerError::new("0A000", "replication is not supported"));
                }
                name if name.starts_with("_pq_.") => request.protocol_options.push(name),
                name => request.settings.push((name, value)),
            }
        }
        if request.user.is_empty() || request.user == cluster.address.superuser {
            let message = format!("role \"{}\" does not exist", request.user);
            return Err(ServerError::new("28000", message));
        }
        let database = database.unwrap_or(request.user);
        if database != DATABASE {
            let message = format!("database \"{database}\" does not exist");
            return Err(ServerError::new("3D000", message)
                .with_hint(format!("A cluster has one database, \"{DATABASE}\".")));
        }
        for (name, _) in &mut request.settings {
            let set = format!("SET \"{}\" = ''", name.replace('"', "\"\""));
            dsql_sql::check(&dsql_sql::Statement::new(&set))
                .map_err(|refusal| ServerError::from(&refusal))?;
            if name.eq_ignore_ascii_case(SYNC_INDEX) {
                *name = UPSTREAM_SYNC_INDEX;
            }
        }
        Ok(request)
    }

    /// A session parameter as asked for, or nothing.
    fn setting(&self, name: &str) -> &str {
        let asked = self.settings.iter().rev().find(|(asked, _)| *asked == name);
        asked.map_or("", |(_, value)| value)
    }

    fn parameters(&self) -> Vec<(&str, &str)> {
        let mut parameters = vec![("user", self.user), ("database", DATABASE)];
        parameters.extend(&self.settings);
        parameters
    }
}

/// Reads `-c name=value` and `--name=value`, separated by blanks.
pub(crate) fn options(text: &str) -> Result<Vec<(&str, &str)>, ServerError> {
    let mut settings = Vec::new();
    let mut words = text.split_ascii_whitespace();
    while let Some(word) = words.next() {
        let setting = match word.strip_prefix("--") {
            Some(setting) => setting,
            None if word == "-c" => words.next().unwrap_or_default(),
            None => word.strip_prefix("-c").unwrap_or_default(),
        };
        let Some((name, value)) = setting.split_once('=') else {
            let message = format!("invalid start-up option \"{word}\"");
            return Err(ServerError::new("08P01", message));
        };
        if name != "amzn-cluster-id" {
            settings.push((name, value));
        }
    }
    Ok(settings)
}

fn greet(out: &mut BytesMut, greeting: &Greeting) {
    backend::authentication_ok(out);
    for (name, value) in &greeting.parameters {
        let value = match name.as_str() {
            "server_version" => SERVER_VERSION,
            _ => value,
        };
        backend::parameter_status(out, name, value);
    }
    if let Some(key) = &greeting.key {
        out.extend_from_slice(key.bytes());
    }
    backend::ready_for_query(out, b'I');
}

/// Hands a cancel request on to PostgreSQL, whose keys the clients hold.
async fn cancel(cluster: &Shared, packet: &[u8]) -> io::Result<()> {
    let mut upstream = cluster.address.dial().await?;
    upstream.write_all(packet).await?;
    upstream.shutdown().await
}

async fn refuse(
    cluster: &Shared,
    client: &mut Client,
    error: &ServerError,
) -> io::Result<Option<Session>> {
    tracing::info!(
        sqlstate = error.sqlstate,
        message = error.message,
        "refused at the door"
    );
    if let Some(board) = &cluster.board {
        board.refused(error, "", None);
    }
    backend::error(&mut client.output, "FATAL", error);
    client.flush().await?;
    client.stream.shutdown().await?;
    Ok(None)
}

async fn read_startup(client: &mut Client) -> io::Result<Bytes> {
    read_packet(&mut client.stream).await
}

/// A packet without a tag: its length, its body.
async fn read_packet(stream: &mut (impl AsyncReadExt + Unpin)) -> io::Result<Bytes> {
    let length = stream.read_i32().await?;
    let size = usize::try_from(length).unwrap_or(0);
    if !(8..=MAX_STARTUP_BYTES).contains(&size) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "invalid length of startup packet",
        ));
    }
    let mut packet = BytesMut::zeroed(size);
    packet[..4].copy_from_slice(&length.to_be_bytes());
    stream.read_exact(&mut packet[4..]).await?;
    Ok(packet.freeze())
}

/// `None` when the client leaves instead.
async fn read_password(client: &mut Client) -> io::Result<Option<String>> {
    loop {
        let frame = Frame::take(&mut client.input, MAX_PASSWORD_BYTES)
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        match frame {
            Some(frame) if frame.tag() == b'p' => {
                let token = Fields::new(frame.body()).text();
                return Ok(token.ok().map(str::to_owned));
            }
            Some(_) => return Ok(None),
            None => {
                if client.fill().await? == 0 {
                    return Ok(None);
                }
            }
        }
    }
}
