//! Statements that are one transaction, with the entry in the journal that
//! they are done.

use crate::ErrorClass;
use crate::Retries;
use crate::error::{Error, ErrorExt as _};
use crate::progress::StepReport;

use super::{Place, Repeat, Run, WRITING, changed};

impl Run<'_> {
    pub(super) async fn transaction(
        &mut self,
        begin: &str,
        statements: &[String],
        report: &mut StepReport,
        place: Place,
    ) -> Result<(), Error> {
        let policy = self.policy.clone();
        let mut retries = Retries::new(&policy);
        // What only reads may be run again, and cannot write the journal.
        let journals = self.journal.is_some() && !is_read_only(begin);
        loop {
            let mut rows = 0;
            let mut at = begin;
            let failed = match self
                .try_transaction(begin, statements, &mut at, &mut rows)
                .await
            {
                Ok(()) if !journals => match self.session.end("COMMIT").await {
                    Ok(()) => {
                        report.rows += rows;
                        if self.journal.is_some() {
                            self.done(report, place).await?;
                        }
                        return Ok(());
                    }
                    Err(source) if source.commit_class() == ErrorClass::Ambiguous => {
                        self.session.lose();
                        if self.journal.is_none() {
                            return Err(Error::Ambiguous { source });
                        }
                        source
                    }
                    Err(error) => {
                        at = "COMMIT";
                        self.session.heal(&error, true).await;
                        error
                    }
                },
                Ok(()) => match self.commit_with_journal(place, &mut at).await {
                    Ok(Committed::Yes) => {
                        report.rows += rows;
                        return Ok(());
                    }
                    Ok(Committed::Before) => return Ok(()),
                    Ok(Committed::NotOurs) => return Err(Error::LockLost { holder: None }),
                    Ok(Committed::NoRoom) => {
                        return Err(Error::NoRoomForJournal {
                            step: place.number,
                            steps: place.steps,
                            statement: report.statement.as_str().into(),
                        });
                    }
                    Ok(Committed::Unknown(error)) => {
                        // It is in the journal, or it was not applied.
                        self.again(&mut retries, Repeat::Losses, error, at, report, place)
                            .await?;
                        if self.is_in_journal(report, place).await? {
                            return Ok(());
                        }
                        continue;
                    }
                    Err(error) => error,
                },
                Err(error) => {
                    self.session.heal(&error, true).await;
                    error
                }
            };
            self.again(&mut retries, Repeat::Losses, failed, at, report, place)
                .await?;
        }
    }

    async fn try_transaction<'s>(
        &mut self,
        begin: &'s str,
        statements: &'s [String],
        at: &mut &'s str,
        rows: &mut u64,
    ) -> Result<(), sqlx::Error> {
        use sqlx::Executor as _;

        self.session.begin(begin).await?;
        for sql in statements {
            *at = sql;
            let result = self
                .session
                .inside()?
                .execute(sqlx::AssertSqlSafe(sql.clone()))
                .await?;
            *rows += changed(sql, result.rows_affected());
        }
        Ok(())
    }

    async fn commit_with_journal(
        &mut self,
        place: Place,
        at: &mut &str,
    ) -> Result<Committed, sqlx::Error> {
        let Some(journal) = &mut self.journal else {
            return Ok(Committed::NotOurs);
        };
        *at = WRITING;
        let next = journal.next(place);
        let saved = match self.session.inside() {
            Ok(connection) => journal.save_next(connection, &next).await,
            Err(error) => Err(error),
        };
        match saved {
            Ok(true) => {}
            // An attempt whose outcome was not known has been applied after
            // all; or another runner has gone on.
            Ok(false) => {
                if self.session.end("ROLLBACK").await.is_err() {
                    self.session.lose();
                }
                let is_done = journal
                    .is_saved(self.session.connection().await?, &next)
                    .await?;
                if !is_done {
                    return Ok(Committed::NotOurs);
                }
                journal.take(next);
                return Ok(Committed::Before);
            }
            Err(error) => {
                self.session.heal(&error, true).await;
                return if is_row_limit(&error) {
                    Ok(Committed::NoRoom)
                } else {
                    Err(error)
                };
            }
        }
        *at = "COMMIT";
        match self.session.end("COMMIT").await {
            Ok(()) => {
                journal.take(next);
                Ok(Committed::Yes)
            }
            Err(error) if error.commit_class() == ErrorClass::Ambiguous => {
                self.session.lose();
                Ok(Committed::Unknown(error))
            }
            Err(error) => {
                self.session.heal(&error, true).await;
                Err(error)
            }
        }
    }

    /// After a COMMIT whose outcome is not known.
    async fn is_in_journal(
        &mut self,
        report: &mut StepReport,
        place: Place,
    ) -> Result<bool, Error> {
        let policy = self.policy.clone();
        let mut retries = Retries::new(&policy);
        while let Some(journal) = &mut self.journal {
            let next = journal.next(place);
            let saved = match self.session.connection().await {
                Ok(connection) => journal.is_saved(connection, &next).await,
                Err(error) => Err(error),
            };
            match saved {
                Ok(true) => {
                    journal.take(next);
                    return Ok(true);
                }
                Ok(false) => return Ok(false),
                Err(error) => {
                    self.session.heal(&error, false).await;
                    self.again(&mut retries, Repeat::Losses, error, WRITING, report, place)
                        .await?;
                }
            }
        }
        Ok(false)
    }
}

enum Committed {
    Yes,
    /// By an attempt before this one.
    Before,
    Unknown(sqlx::Error),
    /// Another runner has taken over.
    NotOurs,
    /// The rows of the statements are all that a transaction may change.
    NoRoom,
}

fn is_row_limit(error: &sqlx::Error) -> bool {
    error.sqlstate().as_deref() == Some("54000") && error.to_string().contains("row limit")
}

fn is_read_only(begin: &str) -> bool {
    let words: Vec<_> = begin
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
        .collect();
    words
        .windows(2)
        .any(|pair| pair[0].eq_ignore_ascii_case("READ") && pair[1].eq_ignore_ascii_case("ONLY"))
}
