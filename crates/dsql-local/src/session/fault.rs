//! Faults on demand, as a client meets them.

use std::io;
use std::time::Duration;

use dsql_sql::{Kind, Refusal};

use super::Session;
use super::exchange::Trouble;
use super::form::{Action, Form};
use super::transaction::{Protocol, Transaction};
use crate::inject::{CommitMishap, Committing, Draws, Mishap};
use crate::wire::backend::ServerError;
use crate::wire::frontend::{Message, closes_before_sync};

/// A session's share in the faults of its cluster.
#[derive(Debug)]
pub(super) struct Faults {
    draws: Draws,
    /// The statement at work commits by itself, and its answer will be lost.
    lost: Option<Mishap>,
}

impl Faults {
    pub(super) fn new(draws: Draws) -> Self {
        Self { draws, lost: None }
    }
}

impl Session {
    /// Holds up a batch that begins with `message`. Meanwhile the session is as good as idle: it gives way to others.
    pub(super) async fn hold_up(&mut self, message: &Message<'_>) -> io::Result<()> {
        if !self.cluster.injector.is_armed() {
            return Ok(());
        }
        let sql = match message {
            Message::Query(sql) | Message::Parse { sql, .. } => Some(*sql),
            Message::Terminate | Message::Sync => return Ok(()),
            _ => None,
        };
        let delay = self.cluster.injector.delay(&mut self.faults.draws, sql);
        match delay {
            Some(delay) => self.pause(delay).await,
            None => Ok(()),
        }
    }

    async fn pause(&mut self, delay: Duration) -> io::Result<()> {
        let end = tokio::time::Instant::now() + delay;
        loop {
            let wound = tokio::select! {
                () = tokio::time::sleep_until(end) => return Ok(()),
                wound = self.handle.wounded() => wound,
            };
            self.handle.busy();
            self.yield_locks(wound).await?;
            self.cluster.registry.idle(&self.handle);
        }
    }

    /// The fault that befalls a statement instead of its answer. COMMIT has [its own](Self::fault_at_commit).
    pub(super) async fn fault_at_statement(
        &mut self,
        form: &Form,
        protocol: Protocol,
    ) -> Result<(), Trouble> {
        self.faults.lost = None;
        let injector = &self.cluster.injector;
        if !injector.is_armed() || self.status == b'E' {
            return Ok(());
        }
        let alone = self.transaction.is_none() && matches!(form.kind, Kind::Write | Kind::Ddl);
        let draws = &mut self.faults.draws;
        let mishap = match form.action {
            Action::Empty | Action::Commit | Action::Rollback => None,
            // Has a COMMIT of its own.
            Action::Submit { .. } if alone => None,
            _ if alone => {
                let commit = Committing {
                    sql: &form.sql,
                    wrote: true,
                    statements: &[&form.sql],
                    may_lose_answer: protocol == Protocol::Simple
                        || closes_before_sync(&self.client.input).is_some(),
                };
                match injector.at_commit(draws, commit) {
                    Some(CommitMishap { mishap, committed }) if committed => {
                        self.faults.lost = Some(mishap);
                        None
                    }
                    other => other.map(|fault| fault.mishap),
                }
            }
            _ => injector.at_statement(draws, &form.sql),
        };
        match mishap {
            Some(mishap) => {
                self.settle_unsynced().await?;
                Err(self.befall(mishap))
            }
            None => Ok(()),
        }
    }

    /// The statement has committed by itself, if its answer is to be lost.
    pub(super) async fn lose_answer(&mut self) -> Result<(), Trouble> {
        let Some(mishap) = self.faults.lost.take() else {
            return Ok(());
        };
        if self.unsynced {
            self.send_sync();
            self.settle().await?;
        }
        Err(self.befall_committed(mishap))
    }

    /// The fault that befalls the COMMIT `sql`.
    pub(super) fn fault_at_commit(&mut self, sql: &str) -> Option<CommitMishap> {
        let injector = &self.cluster.injector;
        if !injector.is_armed() || self.status == b'E' {
            return None;
        }
        let statements: Vec<&str> = (self.transaction.iter())
            .flat_map(Transaction::effects)
            .collect();
        let commit = Committing {
            sql,
            wrote: !statements.is_empty(),
            statements: &statements,
            may_lose_answer: true,
        };
        injector.at_commit(&mut self.faults.draws, commit)
    }

    pub(super) fn befall(&mut self, mishap: Mishap) -> Trouble {
        match mishap {
            Mishap::Conflict => Refusal::conflict().into(),
            Mishap::Schema => Refusal::schema_changed().into(),
            Mishap::Unavailable => Trouble::Ours(unavailable()),
            Mishap::Disconnect => {
                self.client.output.clear();
                Trouble::Closed(io::Error::new(
                    io::ErrorKind::ConnectionAborted,
                    "dropped on purpose, as was asked for",
                ))
            }
        }
    }

    /// The same where there is nothing to abort any more.
    pub(super) fn befall_committed(&mut self, mishap: Mishap) -> Trouble {
        self.rewind();
        self.held = None;
        match self.befall(mishap) {
            Trouble::Ours(error) => Trouble::Known(error),
            other => other,
        }
    }
}

fn unavailable() -> ServerError {
    ServerError::new("XX000", "server unavailable")
}
