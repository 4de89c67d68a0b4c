//! One client's session: reads what the client says, decides as the service would, and asks PostgreSQL for the rest.
//!
//! Both sides of the wire are the session's own: nothing of PostgreSQL's is spliced into a client's pipeline. Every
//! message that goes up is entered in [`Awaited`](exchange::Awaited) with what becomes of its answer, so that the
//! session's own statements (savepoints, replays, jobs) never show.

mod brought;
mod copy;
mod exchange;
mod extended;
mod fault;
pub(crate) mod form;
pub(crate) mod iam;
mod job;
mod quota;
mod schema;
mod shown;
mod simple;
mod sync_index;
mod transaction;
mod watch;
mod written;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::{Bytes, BytesMut};
use dsql_sql::transaction::TransactionState;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use self::brought::Brought;
use self::exchange::{Awaited, Trouble};
use self::fault::Faults;
use self::form::{Form, Forms};
use self::transaction::{Place, Transaction, in_words_of_the_service};
use self::written::{KnownReach, Written};
use crate::cluster::Shared;
use crate::conflict::{Handle, Wound};
use crate::door::Visit;
use crate::status::Card;
use crate::upstream::Upstream;
use crate::wire::backend::{self, ServerError};
use crate::wire::frame::Frame;
use crate::wire::frontend::{Message, unreadable};

/// Answers are sent when they fill this much, or when the client waits for them.
const OUTPUT_BYTES: usize = 64 * 1024;

/// A client's pipeline is handed on when it fills this much, or has so many messages.
const PIPELINE_BYTES: usize = 64 * 1024;
const PIPELINE_MESSAGES: usize = 1024;

#[derive(Debug)]
pub(crate) struct Session {
    cluster: Arc<Shared>,
    client: Client,
    upstream: Upstream,
    handle: Arc<Handle>,
    forms: Forms,
    statements: HashMap<String, Prepared>,
    portals: HashMap<String, Portal>,
    awaited: VecDeque<Awaited>,
    /// What PostgreSQL may still refuse of `statements` and `portals`: the client's messages whose answers are owed.
    unsure_names: VecDeque<Name>,
    /// Settings whose new values the client has not been told yet.
    settings: Vec<(String, String)>,
    /// What was answered and waits for a decision: a CommandComplete.
    held: Option<Frame>,
    /// How many portals the client has closed without having been told so.
    closes_owed: usize,
    /// The first value of each row that hidden statements have answered.
    captured: Vec<Option<String>>,
    /// Takes in the rows of a statement that may have to be replayed.
    recording: Option<std::hash::DefaultHasher>,
    /// Where the answer to the statement at work begins in the client's output.
    answer_begins: Place,
    /// `I`, `T` or `E`, as PostgreSQL said last.
    status: u8,
    transaction: Option<Transaction>,
    faults: Faults,
    /// The version of the catalog that the session knows; none before its first statement.
    catalog: Option<u64>,
    /// What an implicit transaction has done so far.
    implicit: TransactionState,
    implicit_written: Written,
    /// What came with the statement at work.
    brought: Brought,
    reach: KnownReach,
    /// A statement has changed what others may reach; nobody was told yet.
    reach_changed: bool,
    /// For a role that needs a mapping: which state of the mappings it was found in last.
    mappings: Option<u64>,
    /// The role has lost its mapping.
    is_shut_out: bool,
    /// A statement has changed the mappings; nobody was told yet.
    mappings_changed: bool,
    /// A statement of the implicit transaction has changed the catalog.
    implicit_changes_catalog: bool,
    /// A statement has left a job that nobody was told of yet.
    left_job: bool,
    /// Something was sent up since the last Sync.
    unsynced: bool,
    /// An error was told: nothing more is done until the client's Sync.
    skipping: bool,
    /// PostgreSQL has the statement that sets the first savepoint.
    knows_savepoint: bool,
    /// Statements that PostgreSQL has for [watching](watch) others.
    known_readings: Vec<&'static str>,
    /// In the middle of a batch of the client's messages.
    busy: bool,
    opened: tokio::time::Instant,
    /// Makes room when the session ends.
    _visit: Visit,
}

/// The client's side of the wire.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) stream: TlsStream<TcpStream>,
    pub(crate) input: BytesMut,
    pub(crate) output: BytesMut,
    /// How often the output was sent: what is sent can't be taken back.
    sent: u64,
}

/// A statement that the client has prepared.
#[derive(Clone, Debug)]
struct Prepared {
    form: Arc<Form>,
    /// Count and identifiers of its parameter types, as they came.
    types: Bytes,
}

/// A portal that the client has bound.
#[derive(Clone, Debug)]
struct Portal {
    prepared: Prepared,
    /// Formats, values and result formats, as they came.
    values: Bytes,
    /// Some of its rows have been sent.
    started: bool,
    /// They were asked for some at a time: more may follow.
    in_portions: bool,
    /// PostgreSQL has it no more: it has gone with a return to the savepoint.
    is_lost: bool,
}

/// What a name stood for before a message of the client's.
#[derive(Debug)]
enum Name {
    Statement(String, Option<Prepared>),
    Portal(String, Option<Portal>),
}

/// Whether the client goes on.
#[derive(Debug, PartialEq, Eq)]
enum Flow {
    Continue,
    End,
}

impl Session {
    pub(crate) fn new(
        cluster: Arc<Shared>,
        client: Client,
        upstream: Upstream,
        visit: Visit,
        mappings: Option<u64>,
        card: Card,
    ) -> Self {
        let handle = cluster.registry.enter(upstream.pid(), card);
        let faults = Faults::new(cluster.injector.enter());
        Self {
            cluster,
            client,
            upstream,
            handle,
            forms: Forms::default(),
            statements: HashMap::new(),
            portals: HashMap::new(),
            awaited: VecDeque::new(),
            unsure_names: VecDeque::new(),
            settings: Vec::new(),
            held: None,
            closes_owed: 0,
            captured: Vec::new(),
            recording: None,
            answer_begins: Place::default(),
            status: b'I',
            transaction: None,
            faults,
            catalog: None,
            implicit: TransactionState::default(),
            implicit_written: Written::default(),
            brought: Brought::default(),
            reach: KnownReach::default(),
            reach_changed: false,
            mappings,
            is_shut_out: false,
            mappings_changed: false,
            implicit_changes_catalog: false,
            left_job: false,
            unsynced: false,
            skipping: false,
            knows_savepoint: false,
            known_readings: Vec::new(),
            busy: false,
            opened: tokio::time::Instant::now(),
            _visit: visit,
        }
    }

    /// Serves the client until it leaves, or until `stop` is told.
    pub(crate) async fn serve(mut self, mut stop: tokio::sync::watch::Receiver<bool>) {
        let end = self.converse(&mut stop).await;
        let pid = self.upstream.pid();
        match end {
            Ok(()) => tracing::info!(pid, "session ended"),
            Err(error) => tracing::info!(pid, %error, "session ended"),
        }
        self.handle.rolled_back();
        self.cluster.registry.leave(&self.handle);
        self.upstream.close().await;
        let _ = self.client.flush().await;
        let _ = self.client.stream.shutdown().await;
    }

    async fn converse(&mut self, stop: &mut tokio::sync::watch::Receiver<bool>) -> io::Result<()> {
        enum Event {
            Old,
            Input(io::Result<usize>),
            Wound(Wound),
            Stop,
        }
        let mut draining = self.cluster.draining.subscribe();
        let mut end = pin!(tokio::time::sleep_until(
            self.opened + self.cluster.limits.connection_age
        ));
        loop {
            match self.take_frame() {
                Ok(Some(frame)) => {
                    if self.receive(&frame).await? == Flow::End {
                        return Ok(());
                    }
                    continue;
                }
                Ok(None) => {}
                Err(error) => return self.fatal(&error).await,
            }
            self.client.flush().await?;
            let between_batches = !self.unsynced && self.awaited.is_empty();
            if between_batches {
                self.busy = false;
            }
            // A transaction may be wounded whenever its client is silent, be it in the middle of a pipeline.
            let may_yield = between_batches || self.transaction.is_some();
            if may_yield {
                self.cluster.registry.idle(&self.handle);
            }
            let may_end = between_batches && self.transaction.is_none();
            if !between_batches || !self.client.input.is_empty() {
                self.client.hurry();
            }
            let event = tokio::select! {
                () = &mut end, if may_end => Event::Old,
                input = self.client.fill() => Event::Input(input),
                wound = self.handle.wounded(), if may_yield => Event::Wound(wound),
                _ = stop.wait_for(|stop| *stop) => Event::Stop,
                _ = draining.wait_for(|draining| *draining), if may_end => Event::Stop,
            };
            match event {
                // The service closes the connection and says nothing.
                Event::Old | Event::Input(Ok(0)) => return Ok(()),
                Event::Input(read) => {
                    read?;
                    if self.busy {
                        self.handle.busy();
                    }
                }
                Event::Wound(wound) => {
                    self.handle.busy();
                    self.end_pipeline().await?;
                    self.yield_locks(wound).await?;
                }
                Event::Stop => {
                    let error = ServerError::new(
                        "57P01",
                        "terminating connection due to administrator command",
                    );
                    return self.fatal(&error).await;
                }
            }
        }
    }

    /// Has everything answered that the client has sent, as if its Sync had come, which decides nothing in a transaction.
    async fn end_pipeline(&mut self) -> io::Result<()> {
        if !self.unsynced && self.awaited.is_empty() {
            return Ok(());
        }
        self.send_sync();
        if let Err(trouble) = self.settle().await {
            self.tell_and_skip(trouble).await?;
        }
        // What comes next finds out that the transaction was wounded.
        self.busy = false;
        Ok(())
    }

    fn take_frame(&mut self) -> Result<Option<Frame>, ServerError> {
        let limit = usize::try_from(self.cluster.limits.message).unwrap_or(usize::MAX);
        Frame::take(&mut self.client.input, limit)
            .map_err(|_| (&dsql_sql::Refusal::invalid_message_length()).into())
    }

    async fn receive(&mut self, frame: &Frame) -> io::Result<Flow> {
        let Ok(message) = Message::of(frame) else {
            return self.unreadable(frame).await;
        };
        if !self.busy {
            self.hold_up(&message).await?;
            self.busy = true;
            self.handle.busy();
            self.card().working();
            if message != Message::Terminate {
                self.resume().await?;
                self.look_at_mapping().await?;
            }
        }
        if self.skipping && !matches!(message, Message::Sync | Message::Terminate) {
            return Ok(Flow::Continue);
        }
        match message {
            Message::Terminate => return Ok(Flow::End),
            Message::Query(sql) => self.query(sql).await?,
            Message::Sync => self.sync().await?,
            message => {
                let mut outcome = self.extended(frame, message).await;
                if outcome.is_ok() && self.is_owed_much() {
                    outcome = self.settle_unsynced().await.map(drop);
                }
                if let Err(trouble) = outcome {
                    self.tell_and_skip(trouble).await?;
                }
            }
        }
        if self.client.output.len() > OUTPUT_BYTES {
            self.client.flush().await?;
        }
        Ok(Flow::Continue)
    }

    /// Answers a message that cannot be read as PostgreSQL does: an error, behind which the session goes on.
    async fn unreadable(&mut self, frame: &Frame) -> io::Result<Flow> {
        let Some(error) = unreadable(frame) else {
            let message = format!("invalid frontend message type {}", frame.tag());
            self.fatal(&ServerError::new("08P01", message)).await?;
            return Ok(Flow::End);
        };
        if self.skipping {
            return Ok(Flow::Continue);
        }
        if !self.busy {
            self.busy = true;
            self.handle.busy();
            self.resume().await?;
        }
        match self.settle_unsynced().await {
            Err(trouble) => self.tell_and_skip(trouble).await?,
            Ok(_) if frame.tag() == b'Q' => self.refuse_query(Trouble::Ours(error)).await?,
            Ok(_) => self.tell_and_skip(Trouble::Ours(error)).await?,
        }
        Ok(Flow::Continue)
    }

    /// Whether so much has gathered for PostgreSQL that it is to be sent, though the client has not asked for answers.
    fn is_owed_much(&self) -> bool {
        self.upstream.output.len() > PIPELINE_BYTES || self.awaited.len() > PIPELINE_MESSAGES
    }

    /// Tells the client of an error. What the cluster itself refuses aborts PostgreSQL's transaction, too.
    async fn tell(&mut self, trouble: Trouble) -> io::Result<()> {
        let refused = matches!(trouble, Trouble::Ours(_));
        // The end of a statement that was refused after it had been answered.
        self.held = None;
        match trouble {
            Trouble::Upstream(frame) => match in_words_of_the_service(&frame) {
                Some(error) => {
                    self.show_error(&error);
                    backend::error(&mut self.client.output, "ERROR", &error);
                }
                None => {
                    if self.card().is_shown() {
                        self.show_error(&ServerError::of(&frame));
                    }
                    backend::forward_error(&mut self.client.output, &frame);
                }
            },
            Trouble::Known(error) | Trouble::Ours(error) => {
                self.show_error(&error);
                backend::error(&mut self.client.output, "ERROR", &error);
            }
            Trouble::Closed(error) => return Err(error),
        }
        if refused {
            self.abort_upstream().await?;
        }
        Ok(())
    }

    /// Makes a name stand for another statement, or for none, from here on in what the client sends.
    fn set_statement(&mut self, name: &str, statement: Option<Prepared>) {
        let before = match statement {
            Some(statement) => self.statements.insert(name.to_owned(), statement),
            None => self.statements.remove(name),
        };
        (self.unsure_names).push_back(Name::Statement(name.to_owned(), before));
    }

    /// The same for a portal.
    fn set_portal(&mut self, name: &str, portal: Option<Portal>) {
        let before = match portal {
            Some(portal) => self.portals.insert(name.to_owned(), portal),
            None => self.portals.remove(name),
        };
        (self.unsure_names).push_back(Name::Portal(name.to_owned(), before));
    }

    /// PostgreSQL has passed over what the client sent: each name stands for what it stood for before.
    fn undo_names(&mut self) {
        while let Some(name) = self.unsure_names.pop_back() {
            match name {
                Name::Statement(name, Some(before)) => {
                    self.statements.insert(name, before);
                }
                Name::Statement(name, None) => {
                    self.statements.remove(&name);
                }
                Name::Portal(name, Some(before)) => {
                    self.portals.insert(name, before);
                }
                Name::Portal(name, None) => {
                    self.portals.remove(&name);
                }
            }
        }
    }

    /// The end of a batch: the implicit transaction is over, and the client may speak.
    fn ready(&mut self) {
        self.implicit = TransactionState::default();
        self.implicit_written = self.nothing_written();
        if self.transaction.is_none() {
            self.portals.clear();
            if std::mem::take(&mut self.reach_changed) {
                self.cluster.reaches.changed();
            }
            if std::mem::take(&mut self.left_job) {
                self.cluster.jobs.wake();
            }
            if std::mem::take(&mut self.mappings_changed) {
                self.cluster.mappings.fetch_add(1, Ordering::AcqRel);
            }
        }
        for (name, value) in self.settings.drain(..) {
            if name == "application_name" {
                self.handle.card().rename(&value);
            }
            backend::parameter_status(&mut self.client.output, &name, &value);
        }
        self.card().waiting(self.status);
        backend::ready_for_query(&mut self.client.output, self.status);
    }

    async fn fatal(&mut self, error: &ServerError) -> io::Result<()> {
        self.show_error(error);
        backend::error(&mut self.client.output, "FATAL", error);
        self.client.flush().await
    }
}

impl Client {
    pub(crate) fn new(stream: TlsStream<TcpStream>) -> Self {
        Self {
            stream,
            input: BytesMut::with_capacity(8 * 1024),
            output: BytesMut::with_capacity(8 * 1024),
            sent: 0,
        }
    }

    /// Waits for more bytes; 0 when the client has left. May be dropped and called again.
    pub(crate) async fn fill(&mut self) -> io::Result<usize> {
        self.input.reserve(8 * 1024);
        self.stream.read_buf(&mut self.input).await
    }

    /// More is on its way that makes a whole with what came. Many clients leave Nagle's algorithm on: their systems hold it
    /// back until ours has acknowledged the rest, which by itself it does a 25th of a second later.
    fn hurry(&self) {
        #[cfg(target_os = "linux")]
        let _ = self.stream.get_ref().0.set_quickack(true);
    }

    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        if !self.output.is_empty() {
            self.stream.write_all(&self.output).await?;
            self.stream.flush().await?;
            self.output.clear();
            self.sent += 1;
        }
        Ok(())
    }
}
