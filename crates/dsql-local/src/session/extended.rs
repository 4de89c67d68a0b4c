//! The extended protocol: Parse, Bind, Describe, Execute, Sync.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use dsql_sql::Kind;
use postgres_protocol::message::frontend;

use super::brought::Brought;
use super::copy::CopyEnd;
use super::exchange::{Reply, Show, Trouble};
use super::form::{Action, Form, JobArgument};
use super::transaction::{Logged, Protocol};
use super::{Portal, Prepared, Session};
use crate::wire::backend::{self, ServerError};
use crate::wire::frame::Frame;
use crate::wire::frontend::{Message, first_text_value};

impl Session {
    pub(super) async fn extended(
        &mut self,
        frame: &Frame,
        message: Message<'_>,
    ) -> Result<(), Trouble> {
        match message {
            Message::Parse {
                statement,
                sql,
                types,
            } => self.parse(frame, statement, sql, types).await,
            Message::Bind {
                portal,
                statement,
                values,
            } => self.bind(frame, portal, statement, values).await,
            Message::DescribeStatement | Message::DescribePortal(_) => {
                if let Message::DescribePortal(portal) = message {
                    self.bring_back(portal)?;
                }
                self.forward(frame, Reply::Describe, Show::All);
                Ok(())
            }
            Message::Execute { portal, max_rows } => self.execute(frame, portal, max_rows).await,
            Message::CloseStatement(name) => {
                self.set_statement(name, None);
                self.forward(frame, Reply::Close, Show::All);
                Ok(())
            }
            Message::ClosePortal(name) => {
                self.set_portal(name, None);
                self.forward(frame, Reply::Close, Show::All);
                Ok(())
            }
            Message::Flush => {
                self.settle_unsynced().await?;
                Ok(self.client.flush().await?)
            }
            // What is left of a COPY that failed.
            Message::CopyData | Message::CopyDone | Message::CopyFail => Ok(()),
            Message::FunctionCall => Err(Trouble::Ours(ServerError::new(
                "0A000",
                "function calls by the wire protocol are not supported",
            ))),
            Message::Query(_) | Message::Sync | Message::Terminate => Ok(()),
        }
    }

    async fn parse(
        &mut self,
        frame: &Frame,
        name: &str,
        sql: &str,
        types: &[u8],
    ) -> Result<(), Trouble> {
        let form = self.forms.of(sql);
        self.card().prepares(&form.sql);
        if let Err(trouble) = self.check(&form).await {
            // Of PostgreSQL's unnamed statement nothing is left by a Parse that fails.
            let refused = matches!(trouble, Trouble::Ours(_));
            if refused && name.is_empty() && self.statements.remove("").is_some() {
                self.send_hidden_close_statement("")?;
            }
            return Err(trouble);
        }
        self.check_catalog(&form).await?;
        if form.upstream() == sql {
            self.upstream.send(frame);
        } else {
            let types = parameter_types(types);
            frontend::parse(name, form.upstream(), types, &mut self.upstream.output)?;
        }
        self.expect(Reply::Parse, Show::All);
        let prepared = Prepared {
            form,
            types: Bytes::copy_from_slice(types),
        };
        self.set_statement(name, Some(prepared));
        Ok(())
    }

    async fn bind(
        &mut self,
        frame: &Frame,
        name: &str,
        statement: &str,
        values: &[u8],
    ) -> Result<(), Trouble> {
        self.check_mapping().await?;
        let prepared = self.statements.get(statement).cloned();
        let mut replaced = None;
        let portal = if let Some(mut prepared) = prepared {
            if let Action::WaitForJob(argument) = &prepared.form.action {
                let id = match argument {
                    JobArgument::Literal(id) => id.clone(),
                    JobArgument::FirstParameter => first_text_value(values).unwrap_or_default(),
                };
                // The statement must not see what was before the job ended: it gets a transaction of its own.
                self.settle_unsynced().await?;
                if self.unsynced && self.transaction.is_none() {
                    self.end_implicit().await?;
                }
                self.wait_for_job(&id).await?;
            }
            let form = self.among_copies(&prepared.form);
            if !Arc::ptr_eq(&form, &prepared.form) {
                prepared.form = form;
                replaced = Some(prepared.clone());
            }
            Some(Portal {
                prepared,
                values: Bytes::copy_from_slice(values),
                started: false,
                in_portions: false,
                is_lost: false,
            })
        } else {
            None
        };
        self.set_portal(name, portal);
        match replaced {
            None => self.forward(frame, Reply::Bind, Show::All),
            Some(prepared) => {
                let sql = prepared.form.upstream();
                self.send_hidden_bind(name, sql, &prepared.types, values, Show::All)?;
            }
        }
        Ok(())
    }

    /// Refuses what the service refuses. In a failed transaction that is for PostgreSQL to say, which has one answer
    /// to everything.
    pub(super) async fn check(&mut self, form: &Form) -> Result<(), Trouble> {
        self.check_mapping().await?;
        let Some(refusal) = &form.refusal else {
            return Ok(());
        };
        self.settle_unsynced().await?;
        if self.may_build_at_once(refusal.rule(), &form.sql).await? {
            return Ok(());
        }
        let refusal = if self.status == b'E' {
            dsql_sql::Refusal::transaction_aborted()
        } else {
            refusal.clone()
        };
        Err(refusal.into())
    }

    async fn execute(&mut self, frame: &Frame, name: &str, max_rows: i32) -> Result<(), Trouble> {
        let Some(portal) = self.portals.get_mut(name) else {
            // It may have gone with the return to the savepoint.
            if let Some(doom) = self.doom_of_transaction().cloned() {
                self.settle_unsynced().await?;
                let is_aborted = self.status == b'E';
                let aborted = is_aborted.then(dsql_sql::Refusal::transaction_aborted);
                return Err(aborted.unwrap_or(doom).into());
            }
            self.forward(frame, Reply::Execute, Show::All);
            return Ok(());
        };
        if std::mem::replace(&mut portal.started, true) {
            self.forward(frame, Reply::Execute, Show::All);
            return Ok(());
        }
        portal.in_portions = max_rows > 0;
        let is_lost = portal.is_lost;
        let form = Arc::clone(&portal.prepared.form);
        self.brought = Brought::values(&portal.values);
        self.show(&form);
        if let Err(trouble) = self.check_age(&form) {
            self.settle_unsynced().await?;
            return Err(trouble);
        }
        self.check_aborted(&form, is_lost).await?;
        self.check_catalog(&form).await?;
        self.fault_at_statement(&form, Protocol::Extended).await?;
        let far_reaching = form.action == Action::Read && self.is_far_reaching(&form).await;
        self.bring_back(name)?;
        let Some(portal) = self.portals.get(name) else {
            return Ok(());
        };
        match &form.action {
            Action::Read if far_reaching => {
                let logged = Logged::bound(portal);
                self.execute_logged(frame, logged, max_rows).await
            }
            Action::Read if form.tag.is_some() => {
                self.forward(frame, Reply::Execute, Show::AllButEnd);
                self.settle_unsynced().await?;
                self.retag(form.tag);
                Ok(())
            }
            Action::Empty | Action::Read => {
                self.forward(frame, Reply::Execute, Show::All);
                Ok(())
            }
            Action::Begin => self.execute_begin(frame).await,
            Action::Commit => {
                self.commit(&form.sql, |session| {
                    session.forward(frame, Reply::Execute, Show::AllButEnd);
                    session.send_end();
                    Ok(())
                })
                .await?;
                self.emit_held();
                Ok(())
            }
            Action::Rollback => {
                self.forward(frame, Reply::Execute, Show::All);
                self.send_end();
                self.settle().await?;
                self.emit_held();
                self.rolled_back();
                Ok(())
            }
            Action::Ddl | Action::Write { .. } => {
                let logged = Logged::bound(portal);
                self.execute_logged(frame, logged, max_rows).await
            }
            Action::Submit { trial, tag } => {
                let logged = Logged::bound(portal);
                self.settle_unsynced().await?;
                self.submit(logged, trial.as_deref(), tag, |session| {
                    session.forward(frame, Reply::Execute, Show::AllButEnd);
                    frontend::flush(&mut session.upstream.output);
                    Ok(())
                })
                .await
            }
            Action::WaitForJob(_) => {
                self.forward(frame, Reply::Execute, Show::AllButEnd);
                self.settle_unsynced().await?;
                self.held = None;
                backend::command_complete(&mut self.client.output, "CALL");
                Ok(())
            }
        }
    }

    /// Binds a portal again that a return to the savepoint has taken, before anything of it was seen.
    fn bring_back(&mut self, name: &str) -> io::Result<()> {
        let Some(portal) = self.portals.get_mut(name) else {
            return Ok(());
        };
        if !std::mem::take(&mut portal.is_lost) {
            return Ok(());
        }
        let portal = portal.clone();
        let form = self.among_copies(&portal.prepared.form);
        let types = &portal.prepared.types;
        self.send_hidden_bind(name, form.upstream(), types, &portal.values, Show::Nothing)
    }

    /// Refuses what was bound before its transaction failed, ROLLBACK too, and all else but ROLLBACK. PostgreSQL may have
    /// lost it by a return to the savepoint.
    async fn check_aborted(&mut self, form: &Form, is_lost: bool) -> Result<(), Trouble> {
        let passes = match form.action {
            Action::Empty => true,
            Action::Commit | Action::Rollback => !is_lost,
            _ => false,
        };
        if passes || self.status != b'E' || self.transaction.is_none() {
            return Ok(());
        }
        self.settle_unsynced().await?;
        Err(dsql_sql::Refusal::transaction_aborted().into())
    }

    async fn execute_begin(&mut self, frame: &Frame) -> Result<(), Trouble> {
        self.forward(frame, Reply::Execute, Show::All);
        let fresh = self.transaction.is_none();
        if fresh {
            self.send_savepoint()?;
        }
        self.send_end();
        self.settle().await?;
        self.emit_held();
        if fresh {
            self.begun(false);
        }
        Ok(())
    }

    async fn execute_logged(
        &mut self,
        frame: &Frame,
        mut logged: Logged,
        max_rows: i32,
    ) -> Result<(), Trouble> {
        if let Err(trouble) = self.admit(logged.form.kind) {
            self.settle_unsynced().await?;
            return Err(trouble);
        }
        let form = Arc::clone(&logged.form);
        self.check_beforehand(&form).await?;
        let mut watch = self.watch(&form).await;
        if max_rows > 0 {
            // The tag comes with the last of the rows, and counts only those that come with it.
            watch.count_changes();
        }
        self.record();
        self.send_before(watch)?;
        self.forward(frame, Reply::Execute, Show::AllButEnd);
        self.send_behind(watch)?;
        // In an explicit transaction a Sync decides nothing, so it can go along and spare a round trip. In an
        // implicit one it commits, and may be sent only when the statement can't go over a limit.
        let sync_may_go_along = self.transaction.is_some()
            || (!watch.is_on() && self.has_written_nothing() && self.may_commit_unseen(&form));
        if sync_may_go_along && !form.is_copy {
            self.send_end();
        } else {
            frontend::flush(&mut self.upstream.output);
        }
        let outcome = if form.is_copy {
            let mut copied = Vec::new();
            let outcome = self.settle_with_copy(&mut copied, CopyEnd::Flush).await;
            logged.copied = copied;
            outcome
        } else {
            self.settle().await
        };
        let seen = self.seen(watch);
        logged.seen = seen;
        self.conclude(logged, outcome, Protocol::Extended).await?;
        self.check_written(&form, seen).await?;
        if form.kind == Kind::Ddl && self.has_changed_catalog(&form).await? {
            self.changes_catalog();
        }
        // DEALLOCATE ALL takes the session's own statements, too.
        self.forget_hidden(&form);
        self.lose_answer().await?;
        self.retag(form.tag);
        self.emit_held();
        Ok(())
    }

    /// Ends a batch: whatever is still on its way is settled, the implicit transaction ends.
    pub(super) async fn sync(&mut self) -> io::Result<()> {
        if self.unsynced {
            // What COMMIT looks at in a transaction, the Sync that commits does outside. After an error PostgreSQL,
            // too, passes over everything but a Sync.
            if !self.skipping
                && self.transaction.is_none()
                && let Err(trouble) = self.check_size().await
            {
                self.tell_and_skip(trouble).await?;
            }
        }
        self.implicit_changes_catalog &= !self.skipping;
        if self.unsynced {
            match self.end_implicit().await {
                Err(trouble) if !self.skipping => self.tell(trouble).await?,
                Err(Trouble::Closed(error)) => return Err(error),
                _ => {}
            }
        }
        self.skipping = false;
        self.ready();
        Ok(())
    }

    /// Tells the client of an error, and passes over what it sends until its Sync.
    pub(super) async fn tell_and_skip(&mut self, trouble: Trouble) -> io::Result<()> {
        self.skipping = true;
        self.closes_owed = 0;
        self.tell(trouble).await
    }
}

fn parameter_types(types: &[u8]) -> Vec<u32> {
    types
        .get(2..)
        .unwrap_or_default()
        .chunks_exact(4)
        .map(|oid| u32::from_be_bytes([oid[0], oid[1], oid[2], oid[3]]))
        .collect()
}
