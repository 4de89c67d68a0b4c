//! A statement that a job finishes: an index build, the validation of a
//! constraint.

use std::time::{Duration, Instant};

use dsql_sql::{JobType, Statement, async_ddl, quote_literal};
use sqlx::{AssertSqlSafe, Row as _};

use crate::Retries;
use crate::apply::State;
use crate::error::{Error, ErrorExt as _};
use crate::job::{self, JobEnd};
use crate::progress::{Progress, StepReport};

use super::{Place, Repeat, Run, is_conflict};

/// What became of a statement whose answer was not heard.
enum Submitted {
    No,
    Job(String),
    /// The job has ended and is not listed any more.
    Ended,
}

/// The index that a statement builds, as the catalog shows it.
enum Index {
    Missing,
    Invalid,
    Valid,
}

impl Run<'_> {
    pub(super) async fn async_ddl(
        &mut self,
        sql: &str,
        report: &mut StepReport,
        place: Place,
    ) -> Result<(), Error> {
        report.statement = sql.to_owned();
        self.started(report, place);
        if self.journal.is_none() {
            if let Some(job_id) = self.submit(sql, report, place).await? {
                self.wait(&job_id, sql, report, place).await?;
            }
            return Ok(());
        }
        let mut submitted = match self.state() {
            State::None => Submitted::No,
            State::Failed => {
                if self.drop_failed_index(sql, report, place).await? {
                    return self.done(report, place).await;
                }
                if let Some(journal) = &mut self.journal {
                    journal.clear();
                }
                Submitted::No
            }
            State::Started => self.submitted(sql, report, place).await?,
        };
        loop {
            match submitted {
                Submitted::No => {
                    if self.state() == State::None {
                        self.start(report, place).await?;
                    }
                    match self.submit(sql, report, place).await? {
                        Some(job_id) => submitted = Submitted::Job(job_id),
                        None => return self.done(report, place).await,
                    }
                }
                Submitted::Job(job_id) => {
                    if let Some(journal) = &mut self.journal {
                        journal.submitted(&job_id);
                    }
                    self.save(report, place).await?;
                    if self.wait(&job_id, sql, report, place).await? {
                        return self.done(report, place).await;
                    }
                    submitted = Submitted::Ended;
                }
                Submitted::Ended if !builds_index(sql) => {
                    // A validation does nothing where it was done.
                    if let Some(journal) = &mut self.journal {
                        journal.clear();
                    }
                    submitted = Submitted::No;
                }
                Submitted::Ended => {
                    return match self.index(sql, report, place).await? {
                        Some((Index::Invalid | Index::Missing, _)) => {
                            let ended = ("unknown", "sys.jobs does not list it any more");
                            Err(self.job_failed(ended, sql, report, place).await?)
                        }
                        Some((Index::Valid, _)) | None => self.done(report, place).await,
                    };
                }
            }
        }
    }

    /// Sends the statement. None: there was nothing to do, or the answer was
    /// lost and the job has ended since.
    async fn submit(
        &mut self,
        sql: &str,
        report: &mut StepReport,
        place: Place,
    ) -> Result<Option<String>, Error> {
        let policy = self.policy.clone();
        let mut retries = Retries::new(&policy);
        let mut was_lost = false;
        loop {
            let answer = match self.session.connection().await {
                Ok(connection) => {
                    let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
                    query.fetch_optional(connection).await
                }
                Err(error) => Err(error),
            };
            let error = match answer {
                Ok(None) => return Ok(None),
                Ok(Some(row)) => {
                    let job_id = row.try_get::<Option<String>, _>(0);
                    return job_id.map_err(|error| place.failed(sql, error));
                }
                Err(error) => error,
            };
            self.session.heal(&error, false).await;
            let is_conflict = is_conflict(error.class());
            let is_answer = self.is_answer(&error);
            let repeat = match self.journal {
                Some(_) => Repeat::Losses,
                None => Repeat::Conflicts,
            };
            let again = self.again(&mut retries, repeat, error, sql, report, place);
            if let Err(error) = again.await {
                if is_answer && was_lost {
                    // An attempt that was lost may have been applied only now.
                    match self.submitted(sql, report, place).await? {
                        Submitted::Job(job_id) => return Ok(Some(job_id)),
                        Submitted::Ended if builds_index(sql) => return Ok(None),
                        _ => {}
                    }
                } else if is_answer {
                    self.clear().await;
                }
                return Err(error);
            }
            if !is_conflict {
                was_lost = true;
                match self.submitted(sql, report, place).await? {
                    Submitted::Job(job_id) => return Ok(Some(job_id)),
                    Submitted::Ended if builds_index(sql) => return Ok(None),
                    _ => {}
                }
            }
        }
    }

    /// Looks for the job of a statement that the journal says was about to be
    /// sent.
    async fn submitted(
        &mut self,
        sql: &str,
        report: &mut StepReport,
        place: Place,
    ) -> Result<Submitted, Error> {
        let known = self.journal.as_ref().and_then(|journal| journal.job_id());
        if let Some(job_id) = known {
            return Ok(Submitted::Job(job_id.to_owned()));
        }
        let (Some(job), Some(journal)) = (async_ddl(&Statement::new(sql)), &self.journal) else {
            return Ok(Submitted::No);
        };
        // A validation may be asked for twice.
        if job.job_type != JobType::IndexBuild {
            return Ok(Submitted::No);
        }
        let objects: Vec<_> = [Some(job.table), job::index_of(sql)]
            .into_iter()
            .flatten()
            .map(|name| format!("to_regclass({})::oid", quote_literal(&name)))
            .collect();
        let query = format!(
            "SELECT job_id FROM sys.jobs WHERE job_type = '{}' AND start_time >= {} \
             AND (object_id IS NULL OR object_id IN ({})) ORDER BY start_time DESC LIMIT 1",
            job.job_type.as_str(),
            journal.begun_at(),
            objects.join(", ")
        );
        let jobs = self.rows(&query, report, place).await?;
        Ok(match jobs.into_iter().flatten().next() {
            Some(job_id) => Submitted::Job(job_id),
            None if self.was_applied(sql, report, place).await? => Submitted::Ended,
            None => Submitted::No,
        })
    }

    /// Waits for a job. False: it is not listed any more.
    async fn wait(
        &mut self,
        job_id: &str,
        sql: &str,
        report: &mut StepReport,
        place: Place,
    ) -> Result<bool, Error> {
        report.job_id = Some(job_id.to_owned());
        self.tell(Progress::Waiting {
            step: place.number,
            job_id,
        });
        let policy = self.policy.clone();
        let mut retries = Retries::new(&policy);
        loop {
            let begun = Instant::now();
            let waited = match self.session.connection().await {
                Ok(connection) => tokio::select! {
                    ended = job::wait(connection, job_id) => Some(ended),
                    () = self.stop.asked() => None,
                },
                Err(error) => Some(Err(error)),
            };
            let Some(ended) = waited else {
                // The answer is still on its way.
                self.session.lose();
                self.check_stop(place)?;
                continue;
            };
            match ended {
                Ok(JobEnd::Succeeded) => return Ok(true),
                Ok(JobEnd::Gone) if self.journal.is_some() => return Ok(false),
                Ok(JobEnd::Gone) => {
                    let ended = ("unknown", "sys.jobs does not list it any more");
                    return Err(self.job_failed(ended, sql, report, place).await?);
                }
                Ok(JobEnd::Failed { status, details }) => {
                    let ended = (status.as_str(), details.as_str());
                    return Err(self.job_failed(ended, sql, report, place).await?);
                }
                Err(error) => {
                    self.session.heal(&error, false).await;
                    // A wait may outlast many connections.
                    if begun.elapsed() > Duration::from_secs(30) {
                        retries = Retries::new(&policy);
                    }
                    self.again(&mut retries, Repeat::Losses, error, sql, report, place)
                        .await?;
                }
            }
        }
    }

    /// Enters the failure into the journal, and makes the error of it.
    async fn job_failed(
        &mut self,
        (status, details): (&str, &str),
        sql: &str,
        report: &mut StepReport,
        place: Place,
    ) -> Result<Error, Error> {
        let journaled = match &mut self.journal {
            Some(journal) => {
                journal.failed();
                true
            }
            None => false,
        };
        if journaled {
            self.save(report, place).await?;
        }
        Ok(Error::Job {
            step: place.number,
            steps: place.steps,
            job_id: report.job_id.clone().unwrap_or_default().into(),
            status: status.into(),
            details: details.into(),
            remedy: job::remedy(sql, journaled).into(),
            statement: sql.into(),
        })
    }

    /// After a build that failed: takes away what it left behind. True: the
    /// index is there and valid, so someone has built it meanwhile.
    pub(crate) async fn drop_failed_index(
        &mut self,
        sql: &str,
        report: &mut StepReport,
        place: Place,
    ) -> Result<bool, Error> {
        match self.index(sql, report, place).await? {
            Some((Index::Valid, _)) => Ok(true),
            Some((Index::Invalid, name)) => {
                let drop = format!("DROP INDEX IF EXISTS {name}");
                self.alone(&drop, Repeat::Losses, report, place).await?;
                Ok(false)
            }
            Some((Index::Missing, _)) | None => Ok(false),
        }
    }

    /// The index of a statement that names one, and its name.
    async fn index(
        &mut self,
        sql: &str,
        report: &mut StepReport,
        place: Place,
    ) -> Result<Option<(Index, String)>, Error> {
        let Some(name) = job::index_of(sql).filter(|_| builds_index(sql)) else {
            return Ok(None);
        };
        let query = format!(
            "SELECT i.indisvalid::text FROM pg_catalog.pg_index i WHERE i.indexrelid = to_regclass({})",
            quote_literal(&name)
        );
        let rows = self.rows(&query, report, place).await?;
        let index = match rows.into_iter().flatten().next().as_deref() {
            None => Index::Missing,
            Some("true") => Index::Valid,
            Some(_) => Index::Invalid,
        };
        Ok(Some((index, name)))
    }
}

fn builds_index(sql: &str) -> bool {
    async_ddl(&Statement::new(sql)).is_some_and(|job| job.job_type == JobType::IndexBuild)
}
