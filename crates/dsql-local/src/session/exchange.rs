//! Messages up to PostgreSQL, and what becomes of each answer.

use std::hash::Hasher;
use std::io;

use postgres_protocol::message::frontend;

use super::form::Form;
use super::{OUTPUT_BYTES, Session};
use crate::catalog::SERVER_VERSION;
use crate::upstream::columns;
use crate::wire::backend::{self, ServerError};
use crate::wire::frame::{Fields, Frame};
use crate::wire::frontend::{Message, closes_before_sync};

/// The name under which the session prepares and binds its own statements.
const HIDDEN: &str = "dsql.hidden";

/// The end of a Parse that declares no parameter types.
pub(super) const NO_TYPES: [u8; 2] = [0; 2];
/// The end of a Bind without values, all results as text.
pub(super) const NO_VALUES: [u8; 6] = [0; 6];

/// An answer that PostgreSQL owes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Awaited {
    pub(super) reply: Reply,
    pub(super) show: Show,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Parse,
    Bind,
    Close,
    /// ParameterDescription (for a statement), then RowDescription or NoData.
    Describe,
    /// Rows, then CommandComplete, EmptyQueryResponse or PortalSuspended.
    Execute,
    /// Everything up to ReadyForQuery.
    Query,
    /// ReadyForQuery.
    Sync,
}

/// What the client sees of an answer. ReadyForQuery is never handed on: the session says its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Show {
    All,
    /// All but CommandComplete, which is held for a decision.
    AllButEnd,
    /// Only what a simple query answers: no NoData.
    Rows,
    /// Nothing, but CommandComplete is held.
    EndOnly,
    Nothing,
}

/// Why a statement did not go through.
#[derive(Debug)]
pub(super) enum Trouble {
    /// PostgreSQL refused it, and knows that the transaction is aborted.
    Upstream(Frame),
    /// The same in words of ours.
    Known(ServerError),
    /// The cluster refuses it; PostgreSQL does not know.
    Ours(ServerError),
    /// The connection to PostgreSQL or to the client is gone.
    Closed(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Closed(error)
    }
}

impl From<dsql_sql::Refusal> for Trouble {
    fn from(refusal: dsql_sql::Refusal) -> Self {
        Self::Ours((&refusal).into())
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Settled {
    Done,
    /// PostgreSQL waits for the rows of a COPY.
    CopyIn,
}

impl Session {
    /// Hands a client's message on.
    pub(super) fn forward(&mut self, frame: &Frame, reply: Reply, show: Show) {
        self.upstream.send(frame);
        self.expect(reply, show);
    }

    pub(super) fn expect(&mut self, reply: Reply, show: Show) {
        self.awaited.push_back(Awaited { reply, show });
        self.unsynced = !matches!(reply, Reply::Sync | Reply::Query);
    }

    pub(super) fn send_query(&mut self, sql: &str, show: Show) -> io::Result<()> {
        frontend::query(sql, &mut self.upstream.output)?;
        self.expect(Reply::Query, show);
        Ok(())
    }

    pub(super) fn send_sync(&mut self) {
        frontend::sync(&mut self.upstream.output);
        self.expect(Reply::Sync, Show::Nothing);
    }

    /// Settles what was sent without ending the implicit transaction.
    pub(super) async fn settle_unsynced(&mut self) -> Result<Settled, Trouble> {
        if self.awaited.is_empty() {
            return Ok(Settled::Done);
        }
        frontend::flush(&mut self.upstream.output);
        self.settle().await
    }

    /// Sends what is to be sent and takes in every answer that is owed.
    ///
    /// Whoever waits for the last answer must have sent a Sync, a Flush or a simple query behind it.
    pub(super) async fn settle(&mut self) -> Result<Settled, Trouble> {
        self.upstream.flush().await?;
        let mut trouble = None;
        while !self.awaited.is_empty() {
            let Some(frame) = self.upstream.frame()? else {
                if self.client.output.len() > OUTPUT_BYTES {
                    self.client.flush().await?;
                }
                self.cluster.registry.fill(&mut self.upstream).await?;
                continue;
            };
            if self.take_in(frame, &mut trouble) == Settled::CopyIn {
                return Ok(Settled::CopyIn);
            }
        }
        match trouble {
            Some(frame) => Err(Trouble::Upstream(frame)),
            None => Ok(Settled::Done),
        }
    }

    fn take_in(&mut self, frame: Frame, trouble: &mut Option<Frame>) -> Settled {
        let Some(&Awaited { reply, show }) = self.awaited.front() else {
            return Settled::Done;
        };
        let simple = reply == Reply::Query;
        let visible = !matches!(show, Show::EndOnly | Show::Nothing);
        match frame.tag() {
            b'D' => {
                if show == Show::Nothing {
                    let value = columns(frame.body()).into_iter().next().flatten();
                    self.captured.push(value);
                } else if let Some(recording) = &mut self.recording {
                    recording.write(frame.body());
                }
                if visible {
                    self.client.output.extend_from_slice(frame.bytes());
                }
            }
            b'Z' => {
                let before = self.status;
                self.status = frame.body().first().copied().unwrap_or(b'I');
                if self.status == b'E' && before != b'E' {
                    self.portals
                        .values_mut()
                        .for_each(|portal| portal.is_lost = true);
                }
                self.awaited.pop_front();
            }
            b'E' => {
                // The first one tells why; what follows it is that the transaction is aborted.
                trouble.get_or_insert(frame);
                if !simple {
                    // PostgreSQL passes over everything up to the next Sync; so do its answers.
                    while (self.awaited.front()).is_some_and(|next| next.reply != Reply::Sync) {
                        self.awaited.pop_front();
                    }
                    self.undo_names();
                    // Perhaps it has passed over their Parse.
                    self.known_readings.clear();
                }
            }
            b'C' | b'I' | b's' => {
                match show {
                    Show::AllButEnd | Show::Rows | Show::EndOnly => self.held = Some(frame),
                    Show::All => self.client.output.extend_from_slice(frame.bytes()),
                    Show::Nothing => {}
                }
                if !simple {
                    self.awaited.pop_front();
                }
            }
            b'1' | b'2' | b'3' | b'T' | b'n' => {
                if visible && !(show == Show::Rows && frame.tag() == b'n') {
                    self.client.output.extend_from_slice(frame.bytes());
                }
                if !simple {
                    self.awaited.pop_front();
                    if visible {
                        self.answer_begins = self.here();
                        if matches!(reply, Reply::Parse | Reply::Bind | Reply::Close) {
                            self.unsure_names.pop_front();
                        }
                    }
                }
            }
            b'S' => self.parameter_status(&frame),
            b'N' if is_of_system(&frame) => {}
            b'G' => {
                if visible {
                    self.client.output.extend_from_slice(frame.bytes());
                }
                return Settled::CopyIn;
            }
            // ParameterDescription, CopyOutResponse and its rows, notices.
            _ => {
                if visible {
                    self.client.output.extend_from_slice(frame.bytes());
                }
            }
        }
        Settled::Done
    }

    /// PostgreSQL tells of a setting when it is ready, and so does the session: what the client sees in one batch may
    /// be several up there.
    fn parameter_status(&mut self, frame: &Frame) {
        let mut fields = Fields::new(frame.body());
        if let (Ok(name), Ok(value)) = (fields.text(), fields.text()) {
            let value = match name {
                "server_version" => SERVER_VERSION,
                _ => value,
            };
            self.settings.retain(|(known, _)| known != name);
            self.settings.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Adds a statement of the session's own, without asking for its answer yet.
    pub(super) fn send_hidden(&mut self, sql: &str) -> io::Result<()> {
        self.send_hidden_bound(sql, &NO_TYPES, &NO_VALUES, Show::Nothing)
    }

    pub(super) fn send_hidden_parse(&mut self, name: &str, sql: &str) -> io::Result<()> {
        self.send_hidden_close_statement(name)?;
        frontend::parse(name, sql, [], &mut self.upstream.output)?;
        self.expect(Reply::Parse, Show::Nothing);
        Ok(())
    }

    pub(super) fn send_hidden_close_statement(&mut self, name: &str) -> io::Result<()> {
        frontend::close(b'S', name, &mut self.upstream.output)?;
        self.expect(Reply::Close, Show::Nothing);
        Ok(())
    }

    /// Closes a portal of the session's own, so that its name is free.
    pub(super) fn send_hidden_close(&mut self, portal: &str) -> io::Result<()> {
        frontend::close(b'P', portal, &mut self.upstream.output)?;
        self.expect(Reply::Close, Show::Nothing);
        Ok(())
    }

    /// Executes what [`send_hidden_parse`](Self::send_hidden_parse) has prepared. Once a transaction: the portal has
    /// the statement's name.
    pub(super) fn send_hidden_execute(&mut self, name: &str) -> io::Result<()> {
        let bytes = name.as_bytes();
        let out = &mut self.upstream.output;
        raw(out, b'B', &[bytes, b"\0", bytes, b"\0", &NO_VALUES]);
        frontend::execute(name, 0, out)?;
        self.expect(Reply::Bind, Show::Nothing);
        self.expect(Reply::Execute, Show::Nothing);
        Ok(())
    }

    /// Ends what is sent in one round trip: where the rest of the client's batch has come along, with its Sync, so that
    /// this need not be sent by itself; else with a Flush. Only where the Sync decides nothing more.
    ///
    /// Portals that the client closes before its Sync are closed along the way, and their answers owed to it.
    pub(super) fn send_end(&mut self) {
        if let Some(closes) = closes_before_sync(&self.client.input) {
            for _ in 0..closes {
                if let Ok(Some(close)) = self.take_frame() {
                    if let Ok(Message::ClosePortal(name)) = Message::of(&close) {
                        // Should the close be passed over, the portal is gone all the same: with its transaction.
                        self.portals.remove(name);
                    }
                    self.forward(&close, Reply::Close, Show::Nothing);
                    self.closes_owed += 1;
                }
            }
            self.send_sync();
        } else {
            frontend::flush(&mut self.upstream.output);
        }
    }

    /// Has the end of the client's statement, which is held, say what the service says.
    pub(super) fn retag(&mut self, tag: Option<&str>) {
        if let Some(tag) = tag
            && self.held.take().is_some()
        {
            backend::command_complete(&mut self.client.output, tag);
        }
    }

    /// Says the end of the client's statement, which was held, and what follows it.
    pub(super) fn emit_held(&mut self) {
        if let Some(frame) = self.held.take() {
            self.client.output.extend_from_slice(frame.bytes());
        }
        for _ in 0..std::mem::take(&mut self.closes_owed) {
            backend::close_complete(&mut self.client.output);
        }
    }

    pub(super) fn send_hidden_commit(&mut self) -> io::Result<()> {
        self.send_hidden_bound("COMMIT", &NO_TYPES, &NO_VALUES, Show::EndOnly)
    }

    /// Binds a simple query to the unnamed portal and has its rows described, to be run by the extended protocol.
    pub(super) fn send_described(&mut self, form: &Form) -> io::Result<()> {
        self.send_hidden_parse(HIDDEN, form.upstream())?;
        let out = &mut self.upstream.output;
        raw(out, b'B', &[b"\0", HIDDEN.as_bytes(), b"\0", &NO_VALUES]);
        frontend::describe(b'P', "", out)?;
        self.expect(Reply::Bind, Show::Nothing);
        self.expect(Reply::Describe, Show::Rows);
        Ok(())
    }

    /// The same with the parameter types of a Parse and the values of a Bind, as a client sent them.
    pub(super) fn send_hidden_bound(
        &mut self,
        sql: &str,
        types: &[u8],
        values: &[u8],
        show_rows: Show,
    ) -> io::Result<()> {
        // What an earlier one has left is closed here and not behind it, where an error would pass over it.
        let name = HIDDEN.as_bytes();
        frontend::close(b'P', HIDDEN, &mut self.upstream.output)?;
        self.expect(Reply::Close, Show::Nothing);
        frontend::close(b'S', HIDDEN, &mut self.upstream.output)?;
        self.expect(Reply::Close, Show::Nothing);
        let out = &mut self.upstream.output;
        raw(out, b'P', &[name, b"\0", sql.as_bytes(), b"\0", types]);
        raw(out, b'B', &[name, b"\0", name, b"\0", values]);
        frontend::execute(HIDDEN, 0, out)?;
        self.expect(Reply::Parse, Show::Nothing);
        self.expect(Reply::Bind, Show::Nothing);
        self.expect(Reply::Execute, show_rows);
        Ok(())
    }

    /// Binds the client's portal `name` to a statement of the session's own.
    pub(super) fn send_hidden_bind(
        &mut self,
        name: &str,
        sql: &str,
        types: &[u8],
        values: &[u8],
        show: Show,
    ) -> io::Result<()> {
        self.send_hidden_close_statement(HIDDEN)?;
        let hidden = HIDDEN.as_bytes();
        let out = &mut self.upstream.output;
        raw(out, b'P', &[hidden, b"\0", sql.as_bytes(), b"\0", types]);
        raw(out, b'B', &[name.as_bytes(), b"\0", hidden, b"\0", values]);
        self.expect(Reply::Parse, Show::Nothing);
        self.expect(Reply::Bind, show);
        Ok(())
    }

    /// Runs a statement of the session's own inside an explicit transaction, or by itself; gives the first value of
    /// its first row. The client sees nothing of it.
    pub(super) async fn hidden(&mut self, sql: &str) -> Result<Option<String>, Trouble> {
        self.captured.clear();
        self.send_hidden(sql)?;
        self.send_sync();
        self.settle().await?;
        Ok(self.captured.drain(..).next().flatten())
    }

    /// Makes PostgreSQL abort the transaction that the client's statement was refused in.
    pub(super) async fn abort_upstream(&mut self) -> io::Result<()> {
        if self.transaction.is_none() && !self.unsynced {
            return Ok(());
        }
        frontend::execute("dsql.refused", 0, &mut self.upstream.output)?;
        self.expect(Reply::Execute, Show::Nothing);
        self.send_sync();
        match self.settle().await {
            Err(Trouble::Closed(error)) => Err(error),
            _ => Ok(()),
        }
    }
}

/// A notice that a catalog of PostgreSQL's own was left out, as ANALYZE without a table gives by the dozen.
fn is_of_system(notice: &Frame) -> bool {
    let ServerError { message, .. } = ServerError::of(notice);
    // PostgreSQL 15, and newer ones.
    let name = (message.strip_suffix(" --- only superuser can analyze it"))
        .and_then(|said| said.strip_prefix("skipping \""))
        .or_else(|| message.strip_prefix("permission denied to analyze \""));
    name.is_some_and(|name| name.starts_with("pg_") || name.starts_with("dsql_local_"))
}

/// Writes a message out of its pieces.
fn raw(out: &mut bytes::BytesMut, tag: u8, pieces: &[&[u8]]) {
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    out.extend_from_slice(&[tag]);
    let length = i32::try_from(length + 4).unwrap_or(i32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    for piece in pieces {
        out.extend_from_slice(piece);
    }
}
