//! The simple protocol: one string, one or several statements.

use std::io;
use std::sync::Arc;

use dsql_sql::{Kind, Statement};
use postgres_protocol::message::frontend;

use super::Session;
use super::copy::CopyEnd;
use super::exchange::{Reply, Show, Trouble};
use super::form::{Action, Form, JobArgument};
use super::transaction::{Logged, Protocol};
use super::watch::Watch;
use crate::wire::backend::{self, ServerError};

/// A Bind of the unnamed statement to the unnamed portal, without values.
const BIND_UNNAMED: &[u8] = b"B\0\0\0\x0c\0\0\0\0\0\0\0\0";

impl Session {
    pub(super) async fn query(&mut self, sql: &str) -> io::Result<()> {
        // Behind an error in a batch that has not come to its Sync, a string is passed over like everything else.
        if self.unsynced
            && let Err(trouble) = self.settle_unsynced().await
        {
            return self.tell_and_skip(trouble).await;
        }
        if std::mem::take(&mut self.implicit_changes_catalog) {
            // The string ends the implicit transaction that it finds.
            self.catalog_changed();
        }
        // A string takes the unnamed statement with it, whether PostgreSQL sees the string or not.
        if self.statements.remove("").is_some() {
            self.send_hidden_close_statement("")?;
        }
        // A string without a semicolon inside is one statement, and need not be split.
        let one = !sql
            .trim_end_matches([';', ' ', '\n', '\r', '\t'])
            .contains(';');
        let outcome = if one {
            self.statement(sql).await
        } else {
            let statements: Vec<Statement<'_>> = dsql_sql::split(sql)
                .filter(|statement| statement.kind() != Kind::Empty)
                .collect();
            match statements.as_slice() {
                [] | [_] => self.statement(sql).await,
                several => self.several(sql, several).await,
            }
        };
        match outcome {
            Err(trouble) => self.refuse_query(trouble).await,
            Ok(()) => {
                self.portals.remove("");
                self.ready();
                Ok(())
            }
        }
    }

    /// Answers a string with an error.
    pub(super) async fn refuse_query(&mut self, trouble: Trouble) -> io::Result<()> {
        self.fail(trouble).await?;
        self.portals.remove("");
        self.ready();
        Ok(())
    }

    async fn fail(&mut self, trouble: Trouble) -> io::Result<()> {
        self.tell(trouble).await?;
        if self.unsynced {
            self.send_sync();
            if let Err(Trouble::Closed(error)) = self.settle().await {
                return Err(error);
            }
        }
        if (self.transaction.as_ref()).is_some_and(|open| open.implicit) {
            match self.roll_back_hidden().await {
                Err(Trouble::Closed(error)) => return Err(error),
                _ => self.rolled_back(),
            }
        }
        Ok(())
    }

    /// Several statements in one string are one transaction, unless they say otherwise themselves.
    async fn several(&mut self, sql: &str, statements: &[Statement<'_>]) -> Result<(), Trouble> {
        for statement in statements {
            // The client looks for the place of an error in the whole string.
            let placed = |trouble| match trouble {
                Trouble::Upstream(frame) => {
                    let before = sql.get(..statement.offset()).unwrap_or_default();
                    Trouble::Upstream(backend::moved_on(&frame, before.chars().count()))
                }
                other => other,
            };
            let form = self.forms.of(statement.text());
            let implicit = match &self.transaction {
                None if form.action != Action::Begin && self.status == b'I' => {
                    self.begin_hidden().await?;
                    true
                }
                None => false,
                Some(open) => open.implicit,
            };
            match (&form.action, implicit) {
                (Action::Begin, true) => {
                    if let Some(open) = &mut self.transaction {
                        open.implicit = false;
                    }
                    backend::command_complete(&mut self.client.output, "BEGIN");
                }
                (Action::Commit | Action::Rollback, true) => {
                    backend::warning(
                        &mut self.client.output,
                        &ServerError::new("25P01", "there is no transaction in progress"),
                    );
                    self.statement(statement.text()).await.map_err(placed)?;
                }
                _ => self.statement(statement.text()).await.map_err(placed)?,
            }
        }
        if (self.transaction.as_ref()).is_some_and(|open| open.implicit) {
            self.commit("COMMIT", |session| {
                session.send_hidden_commit()?;
                session.send_sync();
                Ok(())
            })
            .await?;
            self.held = None;
        }
        Ok(())
    }

    async fn statement(&mut self, sql: &str) -> Result<(), Trouble> {
        let form = self.forms.of(sql);
        self.show(&form);
        self.check(&form).await?;
        self.check_age(&form)?;
        self.brought = form.brought;
        self.check_catalog(&form).await?;
        self.fault_at_statement(&form, Protocol::Simple).await?;
        let form = self.among_copies(&form);
        match &form.action {
            Action::Read if self.is_far_reaching(&form).await => self.logged(&form).await,
            Action::Read if form.tag.is_some() => {
                self.send_query(form.upstream(), Show::AllButEnd)?;
                self.settle().await?;
                self.retag(form.tag);
                Ok(())
            }
            Action::Empty | Action::Read => {
                self.send_query(form.upstream(), Show::All)?;
                self.settle().await?;
                Ok(())
            }
            Action::Begin => self.begin(&form).await,
            Action::Commit => {
                self.commit(sql, |session| session.send_query(sql, Show::AllButEnd))
                    .await?;
                self.emit_held();
                Ok(())
            }
            Action::Rollback => {
                self.send_query(sql, Show::All)?;
                self.settle().await?;
                self.rolled_back();
                Ok(())
            }
            Action::Ddl | Action::Write { .. } => self.logged(&form).await,
            Action::Submit { trial, tag } => {
                let logged = Logged::simple(&form);
                let text = form.upstream();
                self.submit(logged, trial.as_deref(), tag, |session| {
                    session.send_query(text, Show::AllButEnd)
                })
                .await
            }
            Action::WaitForJob(argument) => {
                if let JobArgument::Literal(id) = argument {
                    self.wait_for_job(id).await?;
                }
                self.send_query(form.upstream(), Show::AllButEnd)?;
                self.settle().await?;
                self.held = None;
                backend::command_complete(&mut self.client.output, "CALL");
                Ok(())
            }
        }
    }

    async fn begin(&mut self, form: &Form) -> Result<(), Trouble> {
        let fresh = self.transaction.is_none() && self.status == b'I';
        if fresh && !self.unsynced {
            // By the extended protocol PostgreSQL answers both at once.
            let out = &mut self.upstream.output;
            frontend::parse("", form.upstream(), [], out)?;
            out.extend_from_slice(BIND_UNNAMED);
            frontend::execute("", 0, out)?;
            frontend::close(b'P', "", out)?;
            frontend::close(b'S', "", out)?;
            self.expect(Reply::Parse, Show::Nothing);
            self.expect(Reply::Bind, Show::Nothing);
            self.expect(Reply::Execute, Show::All);
            self.expect(Reply::Close, Show::Nothing);
            self.expect(Reply::Close, Show::Nothing);
        } else {
            self.send_query(form.upstream(), Show::All)?;
        }
        if fresh {
            self.send_savepoint()?;
            self.send_sync();
        }
        self.settle().await?;
        if fresh {
            self.begun(false);
        }
        Ok(())
    }

    async fn logged(&mut self, form: &Arc<Form>) -> Result<(), Trouble> {
        let mut logged = Logged::simple(form);
        let alone = self.transaction.is_none();
        self.admit(form.kind)?;
        self.check_beforehand(form).await?;
        let watch = self.watch(form).await;
        let outright = watch.is_on() || !self.may_commit_unseen(form);
        self.record();
        let outcome = if alone && outright {
            // What commits by itself is counted before it commits: the extended protocol waits for a Sync.
            self.send_counted(form, watch)?;
            let mut copied = Vec::new();
            self.settle_with_copy(&mut copied, CopyEnd::Flush).await
        } else if watch.is_on() {
            self.send_before(watch)?;
            self.send_sync();
            self.send_query(form.upstream(), Show::AllButEnd)?;
            self.send_behind(watch)?;
            self.send_sync();
            self.settle().await
        } else {
            self.send_query(form.upstream(), Show::AllButEnd)?;
            let mut copied = Vec::new();
            let outcome = self.settle_with_copy(&mut copied, CopyEnd::Nothing).await;
            logged.copied = copied;
            outcome
        };
        let seen = self.seen(watch);
        logged.seen = seen;
        self.conclude(logged, outcome, Protocol::Simple).await?;
        self.check_written(form, seen).await?;
        if form.kind == Kind::Ddl && self.has_changed_catalog(form).await? {
            self.changes_catalog();
        }
        // DEALLOCATE ALL takes the session's own statements, too.
        self.forget_hidden(form);
        if self.unsynced {
            let complete = self.held.take();
            self.check_size().await?;
            self.end_implicit().await?;
            self.held = complete;
        }
        self.lose_answer().await?;
        self.retag(form.tag);
        self.emit_held();
        Ok(())
    }

    /// Runs the text by the extended protocol and shows what a simple query would.
    fn send_counted(&mut self, form: &Form, watch: Watch) -> io::Result<()> {
        self.send_before(watch)?;
        self.send_described(form)?;
        frontend::execute("", 0, &mut self.upstream.output)?;
        self.expect(Reply::Execute, Show::AllButEnd);
        self.send_behind(watch)?;
        frontend::flush(&mut self.upstream.output);
        Ok(())
    }
}
