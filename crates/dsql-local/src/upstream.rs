//! A connection to the PostgreSQL behind the cluster.

use std::io;
use std::path::Path;

use bytes::{Buf, BufMut, BytesMut};
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, Interest};
use tokio::net::UnixStream;

use crate::conflict::Registry;
use crate::wire::backend::ServerError;
use crate::wire::frame::{Fields, Frame};

/// What PostgreSQL sends may be as long as its protocol allows.
const NO_LIMIT: usize = i32::MAX as usize;

/// Where PostgreSQL listens.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) socket_dir: std::path::PathBuf,
    pub(crate) port: u16,
    pub(crate) superuser: String,
}

impl Address {
    pub(crate) async fn dial(&self) -> io::Result<UnixStream> {
        UnixStream::connect(self.socket()).await
    }

    fn socket(&self) -> std::path::PathBuf {
        Path::new(&self.socket_dir).join(format!(".s.PGSQL.{}", self.port))
    }
}

#[derive(Debug)]
pub(crate) struct Upstream {
    stream: UnixStream,
    input: BytesMut,
    /// What the next [`flush`](Self::flush) sends.
    pub(crate) output: BytesMut,
    pid: i32,
}

/// What PostgreSQL says to a new session.
#[derive(Debug, Default)]
pub(crate) struct Greeting {
    pub(crate) parameters: Vec<(String, String)>,
    /// The BackendKeyData message.
    pub(crate) key: Option<Frame>,
}

#[derive(Debug)]
pub(crate) enum ConnectError {
    /// PostgreSQL's own refusal.
    Refused(ServerError),
    Io(io::Error),
}

impl From<io::Error> for ConnectError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Upstream {
    pub(crate) async fn connect(
        address: &Address,
        parameters: &[(&str, &str)],
    ) -> Result<(Self, Greeting), ConnectError> {
        let mut upstream = Self {
            stream: address.dial().await?,
            input: BytesMut::with_capacity(8 * 1024),
            output: BytesMut::with_capacity(4 * 1024),
            pid: 0,
        };
        frontend::startup_message(parameters.iter().copied(), &mut upstream.output)?;
        upstream.flush().await?;
        let mut greeting = Greeting::default();
        loop {
            let Some(frame) = upstream.frame()? else {
                upstream.fill().await?;
                continue;
            };
            match frame.tag() {
                b'E' => return Err(ConnectError::Refused(ServerError::of(&frame))),
                b'S' => {
                    let mut fields = Fields::new(frame.body());
                    if let (Ok(name), Ok(value)) = (fields.text(), fields.text()) {
                        greeting
                            .parameters
                            .push((name.to_owned(), value.to_owned()));
                    }
                }
                b'K' => {
                    upstream.pid = Fields::new(frame.body()).int32().unwrap_or(0);
                    greeting.key = Some(frame);
                }
                b'Z' => return Ok((upstream, greeting)),
                _ => {}
            }
        }
    }

    /// The process that serves this connection.
    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    /// The next message that has arrived whole.
    pub(crate) fn frame(&mut self) -> io::Result<Option<Frame>> {
        Frame::take(&mut self.input, NO_LIMIT)
            .map_err(|_| io::Error::other("PostgreSQL sent a message with an impossible length"))
    }

    /// Sends what is to be sent. PostgreSQL may not read on until its answers are taken, so they are taken meanwhile.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        while !self.output.is_empty() {
            match self.stream.try_write(&self.output) {
                Ok(sent) if sent == self.output.len() => self.output.clear(),
                Ok(sent) => self.output.advance(sent),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let ready = self
                        .stream
                        .ready(Interest::READABLE | Interest::WRITABLE)
                        .await?;
                    if ready.is_readable() {
                        self.take_what_came()?;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn take_what_came(&mut self) -> io::Result<()> {
        self.input.reserve(8 * 1024);
        match self.stream.try_read_buf(&mut self.input) {
            Ok(0) => Err(gone()),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Waits for more bytes. May be dropped and called again: nothing is lost.
    pub(crate) async fn fill(&mut self) -> io::Result<()> {
        self.input.reserve(8 * 1024);
        if self.stream.read_buf(&mut self.input).await? == 0 {
            return Err(gone());
        }
        Ok(())
    }

    /// Runs `sql` by the simple protocol and gives its rows as text. With `registry`, whoever holds locks in the
    /// statement's way is moved aside.
    pub(crate) async fn rows(
        &mut self,
        sql: &str,
        registry: Option<&Registry>,
    ) -> io::Result<Result<Vec<Vec<Option<String>>>, ServerError>> {
        frontend::query(sql, &mut self.output)?;
        self.flush().await?;
        let mut rows = Vec::new();
        let mut failed = None;
        loop {
            let Some(frame) = self.frame()? else {
                match registry {
                    Some(registry) => registry.fill(self).await?,
                    None => self.fill().await?,
                }
                continue;
            };
            match frame.tag() {
                b'D' => rows.push(columns(frame.body())),
                b'E' => failed = Some(ServerError::of(&frame)),
                b'Z' => return Ok(failed.map_or(Ok(rows), Err)),
                _ => {}
            }
        }
    }

    /// Says goodbye, so that PostgreSQL does not log a lost connection.
    pub(crate) async fn close(mut self) {
        frontend::terminate(&mut self.output);
        let _ = self.flush().await;
    }

    pub(crate) fn send(&mut self, frame: &Frame) {
        self.output.put_slice(frame.bytes());
    }
}

fn gone() -> io::Error {
    io::Error::new(
        io::ErrorKind::ConnectionReset,
        "PostgreSQL closed the connection",
    )
}

/// The values of a DataRow, as text.
pub(crate) fn columns(body: &[u8]) -> Vec<Option<String>> {
    let mut fields = Fields::new(body);
    let count = fields.int16().unwrap_or(0);
    (0..count)
        .map(|_| {
            let length = usize::try_from(fields.int32().ok()?).ok()?;
            Some(String::from_utf8_lossy(fields.bytes(length).ok()?).into_owned())
        })
        .collect()
}
