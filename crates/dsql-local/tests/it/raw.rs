//! The wire protocol by hand: any messages in any order, and every message that comes back.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use postgres_protocol::message::frontend;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

use super::support::Fixture;

/// What ends every conversation.
const END: &str = "the end";

/// Nothing that is asked here takes as long.
const PATIENCE: Duration = Duration::from_secs(10);

/// Messages on their way to a server.
#[derive(Clone, Default)]
pub(crate) struct Messages {
    bytes: BytesMut,
}

impl Messages {
    pub(crate) fn of_query(sql: &str) -> Self {
        let mut messages = Self::default();
        messages.query(sql);
        messages
    }

    pub(crate) fn query(&mut self, sql: &str) {
        frontend::query(sql, &mut self.bytes).unwrap();
    }

    pub(crate) fn parse(&mut self, name: &str, sql: &str) {
        frontend::parse(name, sql, [], &mut self.bytes).unwrap();
    }

    /// Values as text, results as text.
    pub(crate) fn bind(&mut self, portal: &str, statement: &str, values: &[String]) {
        let bound = frontend::bind(
            portal,
            statement,
            [],
            values,
            |value, out| {
                out.extend_from_slice(value.as_bytes());
                Ok(postgres_protocol::IsNull::No)
            },
            [],
            &mut self.bytes,
        );
        assert!(bound.is_ok());
    }

    pub(crate) fn describe(&mut self, kind: u8, name: &str) {
        frontend::describe(kind, name, &mut self.bytes).unwrap();
    }

    pub(crate) fn execute(&mut self, portal: &str, rows: i32) {
        frontend::execute(portal, rows, &mut self.bytes).unwrap();
    }

    pub(crate) fn close(&mut self, kind: u8, name: &str) {
        frontend::close(kind, name, &mut self.bytes).unwrap();
    }

    pub(crate) fn flush(&mut self) {
        frontend::flush(&mut self.bytes);
    }

    pub(crate) fn sync(&mut self) {
        frontend::sync(&mut self.bytes);
    }

    /// A message of any tag and body.
    pub(crate) fn raw(&mut self, tag: u8, body: &[u8]) {
        self.bytes.extend_from_slice(&[tag]);
        let length = i32::try_from(body.len() + 4).unwrap();
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(body);
    }

    pub(crate) fn copy_data(&mut self, data: &[u8]) {
        frontend::CopyData::new(data)
            .unwrap()
            .write(&mut self.bytes);
    }

    pub(crate) fn copy_done(&mut self) {
        frontend::copy_done(&mut self.bytes);
    }

    pub(crate) fn copy_fail(&mut self, why: &str) {
        frontend::copy_fail(why, &mut self.bytes).unwrap();
    }
}

/// A message that came back. Of an error or a notice what is said, not where in the server's source it stands.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Told {
    tag: u8,
    body: Vec<u8>,
}

impl Told {
    fn new(tag: u8, body: &[u8]) -> Self {
        let mut body = body.to_vec();
        if matches!(tag, b'E' | b'N') {
            let fields = body.split(|byte| *byte == 0);
            body = fields
                .filter(|field| !matches!(field.first(), None | Some(b'F' | b'L' | b'R')))
                .collect::<Vec<_>>()
                .join(&0);
            let text = String::from_utf8_lossy(&body);
            let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
            if has(&["Lock", "lock_refused"]) {
                // The service's own refusal: PostgreSQL was sent another mistake instead.
                body = b"refused".to_vec();
            } else if has(&["C25P02", "C34000"]) {
                // A portal in a transaction that has failed: it may be gone already.
                body = b"aborted".to_vec();
            }
        }
        Self { tag, body }
    }

    pub(crate) fn is_error(&self) -> bool {
        self.tag == b'E'
    }

    pub(crate) fn is_setting(&self) -> bool {
        self.tag == b'S'
    }

    pub(crate) fn tag(&self) -> u8 {
        self.tag
    }

    pub(crate) fn says_within(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(text)
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        self.body.ends_with(text.as_bytes())
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tag = char::from(self.tag);
        write!(f, "{tag} {}", self.body.escape_ascii())
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// One connection.
pub(crate) struct Client {
    stream: Box<dyn Stream>,
    input: BytesMut,
    /// How many bytes go out at a time.
    pub(crate) chunk: usize,
}

impl Client {
    /// Through the cluster: TLS, and a token.
    pub(crate) async fn of_cluster(fixture: &Fixture) -> Self {
        Self::with_nodelay(fixture, true).await
    }

    /// The same, with or without Nagle's algorithm, which holds back what follows until the rest is acknowledged.
    pub(crate) async fn with_nodelay(fixture: &Fixture, nodelay: bool) -> Self {
        let port = fixture.cluster.port();
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(nodelay).unwrap();
        let mut request = BytesMut::new();
        frontend::ssl_request(&mut request);
        stream.write_all(&request).await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'S');
        let name = fixture.env("PGHOST").try_into().unwrap();
        let tls = tokio_rustls::TlsConnector::from(Arc::new(fixture.tls_config()));
        let stream = tls.connect(name, stream).await.unwrap();
        Self::open(stream, &fixture.env("PGPASSWORD")).await
    }

    /// Straight to the PostgreSQL behind it: its socket lies beside the certificate.
    pub(crate) async fn of_postgres(fixture: &Fixture) -> Self {
        let home = fixture.cluster.ca_file().parent().unwrap();
        let socket = home.join("socket/.s.PGSQL.5432");
        let stream = UnixStream::connect(&socket).await.unwrap();
        Self::open(stream, "").await
    }

    async fn open(stream: impl Stream + 'static, password: &str) -> Self {
        let mut client = Self {
            stream: Box::new(stream),
            input: BytesMut::new(),
            chunk: usize::MAX,
        };
        let mut out = BytesMut::new();
        let parameters = [("user", "admin"), ("database", "postgres")];
        frontend::startup_message(parameters, &mut out).unwrap();
        client.stream.write_all(&out).await.unwrap();
        loop {
            let told = client.next().await.expect("a session begins");
            match (told.tag, told.body.as_slice()) {
                (b'R', [0, 0, 0, 3]) => {
                    out.clear();
                    frontend::password_message(password.as_bytes(), &mut out).unwrap();
                    client.stream.write_all(&out).await.unwrap();
                }
                (b'E', _) => panic!("{told:?}"),
                (b'Z', _) => return client,
                _ => {}
            }
        }
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Sends the messages, of which none is a Sync, and waits until a statement has been run.
    pub(crate) async fn begin(&mut self, messages: Messages) {
        self.send(&messages.bytes).await;
        loop {
            match tokio::time::timeout(PATIENCE, self.next()).await {
                Ok(Some(told)) if told.tag == b'C' => return,
                Ok(Some(told)) if !told.is_error() => {}
                other => panic!("no statement was run: {other:?}"),
            }
        }
    }

    /// Sends the messages and gives what is said until the server has been ready so many times.
    pub(crate) async fn say(&mut self, messages: Messages, times: usize) -> Vec<Told> {
        self.send(&messages.bytes).await;
        let mut all: Vec<Told> = Vec::new();
        while all.iter().filter(|told| told.tag == b'Z').count() < times {
            let next = tokio::time::timeout(PATIENCE, self.next()).await;
            match next {
                Ok(Some(told)) => all.push(told),
                _ => panic!("no more is said after {all:?}"),
            }
        }
        all
    }

    /// Sends the messages, ends what they have left open, and gives all that was said.
    pub(crate) async fn run(&mut self, mut messages: Messages) -> Vec<Told> {
        messages.sync();
        messages.query("ROLLBACK");
        messages.query(&format!("SELECT '{END}'"));
        for part in messages.bytes.chunks(self.chunk.min(messages.bytes.len())) {
            self.send(part).await;
        }
        let mut all = Vec::new();
        let mut ended = false;
        loop {
            let next = tokio::time::timeout(PATIENCE, self.next()).await;
            let Ok(next) = next else {
                panic!("no more is said after {all:?}");
            };
            let Some(told) = next else { return all };
            ended |= told.tag == b'D' && told.says(END);
            let ready = told.tag == b'Z';
            all.push(told);
            if ended && ready {
                return all;
            }
        }
    }

    /// The next message; `None` when the server has hung up.
    async fn next(&mut self) -> Option<Told> {
        loop {
            if self.input.len() >= 5 {
                let length = usize::try_from((&self.input[1..5]).get_i32()).unwrap() + 1;
                if self.input.len() >= length {
                    let frame = self.input.split_to(length);
                    return Some(Told::new(frame[0], &frame[5..]));
                }
            }
            if self.stream.read_buf(&mut self.input).await.unwrap() == 0 {
                return None;
            }
        }
    }
}
