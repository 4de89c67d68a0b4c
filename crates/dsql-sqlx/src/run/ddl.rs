//! A DDL statement, which the service never runs in one transaction with an
//! entry in the journal.

use dsql_sql::quote_literal;

use crate::Retries;
use crate::apply::{State, fingerprint};
use crate::error::{Error, ErrorExt as _};
use crate::progress::StepReport;

use super::{Place, Repeat, Run, is_conflict};

impl Run<'_> {
    pub(super) async fn ddl(
        &mut self,
        sql: &str,
        report: &mut StepReport,
        place: Place,
    ) -> Result<(), Error> {
        report.statement = sql.to_owned();
        self.started(report, place);
        if self.journal.is_none() {
            self.alone(sql, Repeat::Conflicts, report, place).await?;
            return Ok(());
        }
        if self.state() == State::Started {
            if self.was_applied(sql, report, place).await? {
                return self.done(report, place).await;
            }
        } else {
            self.start(report, place).await?;
        }
        self.ddl_journaled(sql, report, place).await?;
        self.done(report, place).await
    }

    /// Runs a statement that the journal knows of.
    async fn ddl_journaled(
        &mut self,
        sql: &str,
        report: &mut StepReport,
        place: Place,
    ) -> Result<(), Error> {
        let policy = self.policy.clone();
        let mut retries = Retries::new(&policy);
        let mut was_lost = false;
        loop {
            let Err(error) = self.session.execute(sql).await else {
                return Ok(());
            };
            self.session.heal(&error, false).await;
            let is_conflict = is_conflict(error.class());
            let is_answer = self.is_answer(&error);
            // An attempt that was lost may have been applied only now.
            if is_answer && !is_conflict && was_lost && self.was_applied(sql, report, place).await?
            {
                return Ok(());
            }
            let again = self.again(&mut retries, Repeat::Losses, error, sql, report, place);
            if let Err(error) = again.await {
                if is_answer && !was_lost {
                    self.clear().await;
                }
                return Err(error);
            }
            if !is_conflict {
                was_lost = true;
                if self.was_applied(sql, report, place).await? {
                    return Ok(());
                }
            }
        }
    }

    /// Has the catalog changed since the statement was about to be sent?
    pub(crate) async fn was_applied(
        &mut self,
        statement: &str,
        report: &mut StepReport,
        place: Place,
    ) -> Result<bool, Error> {
        let sql = fingerprint(&quote_literal(statement));
        let now = self.rows(&sql, report, place).await?;
        let now = now.into_iter().flatten().next();
        Ok(match &self.journal {
            Some(journal) => journal.fingerprint() != now.as_deref(),
            None => false,
        })
    }

    pub(super) fn state(&self) -> State {
        self.journal
            .as_ref()
            .map_or(State::None, |journal| journal.state())
    }

    /// Did the server say that it did not run the statement?
    pub(super) fn is_answer(&self, error: &sqlx::Error) -> bool {
        use dsql_connect::ErrorClass::{Ambiguous, Unavailable};

        matches!(error, sqlx::Error::Database(_))
            && !matches!(error.class(), Ambiguous | Unavailable)
    }
}
