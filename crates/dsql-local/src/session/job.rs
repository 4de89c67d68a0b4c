//! Asynchronous DDL and the wait for it, as a client's statements.

use std::io;

use postgres_protocol::message::frontend;

use super::Session;
use super::exchange::Trouble;
use super::quota::Quota;
use super::transaction::{Logged, Protocol};
use crate::wire::backend::{self, ServerError};

impl Session {
    /// Starts a job in the transaction that is open, or in one of its own. `send` adds the statement that enters it.
    pub(super) async fn submit(
        &mut self,
        logged: Logged,
        trial: Option<&str>,
        tag: &str,
        send: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> Result<(), Trouble> {
        self.admit(logged.form.kind)?;
        let alone = self.transaction.is_none();
        if alone {
            self.begin_hidden().await?;
        }
        let submitted = self.submit_checked(logged, trial, send).await;
        if alone {
            match submitted {
                Ok(()) => {
                    self.commit(tag, |session| {
                        session.send_hidden_commit()?;
                        frontend::flush(&mut session.upstream.output);
                        Ok(())
                    })
                    .await?;
                    self.held = None;
                }
                Err(trouble) => {
                    if self.unsynced {
                        self.send_sync();
                        let _ = self.settle().await;
                    }
                    self.roll_back_hidden().await?;
                    return Err(match trouble {
                        Trouble::Ours(error) => Trouble::Known(error),
                        other => other,
                    });
                }
            }
        } else {
            submitted?;
        }
        backend::command_complete(&mut self.client.output, tag);
        Ok(())
    }

    async fn submit_checked(
        &mut self,
        logged: Logged,
        trial: Option<&str>,
        send: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> Result<(), Trouble> {
        if let Some(trial) = trial {
            self.try_job(trial, logged.form.quotas).await?;
        }
        self.record();
        send(self)?;
        let outcome = self.settle().await;
        let quotas = logged.form.quotas;
        self.conclude(logged, outcome, Protocol::Extended).await?;
        if trial.is_none() {
            self.check_quotas(quotas).await?;
        }
        self.held = None;
        Ok(())
    }

    /// Runs a job's statement and takes it back: its mistakes belong to the statement, not to the job. What the rows
    /// in the table say against it is the job's to find.
    async fn try_job(&mut self, job: &str, quotas: &[Quota]) -> Result<(), Trouble> {
        self.hidden("SAVEPOINT \"dsql.job\"").await?;
        let tried = match self.hidden(job).await {
            Ok(_) => self.check_quotas(quotas).await,
            Err(trouble) => Err(trouble),
        };
        self.hidden("ROLLBACK TO SAVEPOINT \"dsql.job\"").await?;
        match tried {
            Err(Trouble::Upstream(frame)) => {
                let error = ServerError::of(&frame);
                if error.sqlstate.starts_with("23") {
                    Ok(())
                } else {
                    Err(Trouble::Ours(error))
                }
            }
            Err(trouble) => Err(trouble),
            Ok(()) => Ok(()),
        }
    }

    /// `CALL sys.wait_for_job`: returns when the job has ended, well or not.
    pub(super) async fn wait_for_job(&mut self, id: &str) -> Result<(), Trouble> {
        if self.transaction.is_some() {
            // The service does not allow it either; its words are not known.
            return Err(Trouble::Ours(ServerError::new(
                "25001",
                "sys.wait_for_job cannot run inside a transaction block",
            )));
        }
        if !crate::jobs::is_job_id(id) {
            return Err(dsql_sql::Refusal::malformed_job_id().into());
        }
        self.cluster.jobs.wait(&self.cluster, id).await?;
        // Whoever has waited for the change knows of it.
        self.refresh_catalog();
        Ok(())
    }
}
