//! Running a plan step by step.

use std::time::{Duration, Instant};

use dsql_connect::ErrorClass;
use dsql_sql::{Batches, Plan, Step};
use sqlx::{AssertSqlSafe, Executor as _, Row as _};

use crate::error::{Error, ErrorExt};
use crate::job::{self, JobEnd};
use crate::transaction::forget_statements;
use crate::{DsqlPool, Retries};

/// What the runner of a plan is doing, told as it goes. Steps count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// A step begins.
    #[non_exhaustive]
    Started {
        /// Which step.
        step: usize,
        /// Of how many.
        steps: usize,
        /// The statement; for batches, the first of them.
        statement: &'a str,
    },
    /// The statement was taken and a job does the rest.
    #[non_exhaustive]
    Waiting {
        /// Which step.
        step: usize,
        /// The job, as `sys.jobs` knows it.
        job_id: &'a str,
    },
    /// A batch was committed.
    #[non_exhaustive]
    Batch {
        /// Which step.
        step: usize,
        /// Rows changed by the step so far.
        rows: u64,
    },
    /// The step is done.
    #[non_exhaustive]
    Finished {
        /// Which step.
        step: usize,
        /// What it did.
        report: &'a StepReport,
    },
}

/// What a plan did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// One entry a step, in order.
    pub steps: Vec<StepReport>,
}

impl Report {
    /// Rows changed by all steps together.
    pub fn rows(&self) -> u64 {
        self.steps.iter().map(|step| step.rows).sum()
    }
}

/// What one step did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepReport {
    /// The statement; for batches, the one that was repeated.
    pub statement: String,
    /// Rows changed.
    pub rows: u64,
    /// Attempts that met a conflict and were made again.
    pub retries: u32,
    /// The job that was awaited.
    pub job_id: Option<String>,
    /// How long the step took, waiting included.
    pub elapsed: Duration,
}

impl DsqlPool {
    /// Runs a plan: each step in its own transaction, conflicts retried under
    /// the pool's policy, asynchronous jobs awaited, batches repeated until
    /// they change no row. `progress` is called as it goes; `|_| {}` for none.
    ///
    /// # Errors
    ///
    /// [`Error::Plan`] before anything is run when the plan has errors;
    /// [`Error::Step`] or [`Error::Job`] when a step fails. Steps done before
    /// it stay done, since the service has no transaction over several DDL
    /// statements: the error says which step it was.
    ///
    /// ```no_run
    /// # async fn f(pool: dsql_sqlx::DsqlPool) -> Result<(), dsql_sqlx::Error> {
    /// let plan = dsql_sql::translate("CREATE INDEX pet_name ON pet (name)", &Default::default());
    /// let report = pool.run_plan(&plan, |_| {}).await?;
    /// println!("{} steps", report.steps.len());
    /// # Ok(()) }
    /// ```
    pub async fn run_plan(
        &self,
        plan: &Plan,
        mut progress: impl FnMut(Progress<'_>) + Send,
    ) -> Result<Report, Error> {
        if let Some(error) = plan.errors.first() {
            return Err(Error::Plan(Box::new(error.clone())));
        }
        let steps = plan.steps.len();
        let mut report = Report::default();
        for (at, step) in plan.steps.iter().enumerate() {
            let place = Place {
                step: at + 1,
                steps,
            };
            let done = self.run_step(step, place, &mut progress).await?;
            progress(Progress::Finished {
                step: place.step,
                report: &done,
            });
            report.steps.push(done);
        }
        Ok(report)
    }

    async fn run_step(
        &self,
        step: &Step,
        place: Place,
        progress: &mut (impl FnMut(Progress<'_>) + Send),
    ) -> Result<StepReport, Error> {
        let started = Instant::now();
        let mut report = StepReport::default();
        match step {
            Step::Ddl(sql) | Step::Dml(sql) => {
                report.statement.clone_from(sql);
                progress(place.started(sql));
                report.rows = self.run_alone(sql, &mut report.retries, place).await?;
            }
            Step::AsyncDdl(sql) => {
                report.statement.clone_from(sql);
                progress(place.started(sql));
                report.job_id = self.run_async(sql, &mut report.retries, place).await?;
                if let Some(job_id) = &report.job_id {
                    progress(Progress::Waiting {
                        step: place.step,
                        job_id,
                    });
                    self.await_job(job_id, sql, place).await?;
                }
            }
            Step::Transaction(transaction) => {
                report.statement = transaction.statements().join(";\n");
                progress(place.started(&report.statement));
                report.rows = self
                    .run_together(transaction, &mut report.retries, place)
                    .await?;
            }
            Step::Batches(batches) => {
                self.run_batches(batches, &mut report, place, progress)
                    .await?;
            }
            other => {
                return Err(place.failed(
                    &other.to_string(),
                    sqlx::Error::Protocol("this runner does not know this kind of step".into()),
                ));
            }
        }
        report.elapsed = started.elapsed();
        Ok(report)
    }

    /// One statement that is its own transaction.
    async fn run_alone(&self, sql: &str, retries: &mut u32, place: Place) -> Result<u64, Error> {
        let mut attempts = Retries::new(self.retry_policy());
        let mut kept = None;
        loop {
            let mut connection = match kept.take() {
                Some(connection) => connection,
                None => self
                    .acquire()
                    .await
                    .map_err(|error| place.failed(sql, error))?,
            };
            let error = match connection.execute(AssertSqlSafe(sql.to_owned())).await {
                Ok(result) => return Ok(result.rows_affected()),
                Err(error) => error,
            };
            let class = error.class();
            if class == ErrorClass::SchemaChanged {
                forget_statements(&mut connection).await;
                kept = Some(connection);
            } else {
                drop(connection);
            }
            if !is_conflict(class) || !attempts.again(class, &error).await {
                return Err(place.failed(sql, error));
            }
            *retries = attempts.failed();
        }
    }

    /// A statement that answers a job id; none when there was nothing to do.
    async fn run_async(
        &self,
        sql: &str,
        retries: &mut u32,
        place: Place,
    ) -> Result<Option<String>, Error> {
        let mut attempts = Retries::new(self.retry_policy());
        let mut kept = None;
        loop {
            let mut connection = match kept.take() {
                Some(connection) => connection,
                None => self
                    .acquire()
                    .await
                    .map_err(|error| place.failed(sql, error))?,
            };
            let answer = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
                .fetch_optional(&mut *connection)
                .await;
            let error = match answer {
                Ok(None) => return Ok(None),
                Ok(Some(row)) => {
                    return row
                        .try_get::<Option<String>, _>(0)
                        .map_err(|error| place.failed(sql, error));
                }
                Err(error) => error,
            };
            let class = error.class();
            if class == ErrorClass::SchemaChanged {
                forget_statements(&mut connection).await;
                kept = Some(connection);
            } else {
                drop(connection);
            }
            if !is_conflict(class) || !attempts.again(class, &error).await {
                return Err(place.failed(sql, error));
            }
            *retries = attempts.failed();
        }
    }

    async fn await_job(&self, job_id: &str, sql: &str, place: Place) -> Result<(), Error> {
        let mut attempts = Retries::new(self.retry_policy());
        loop {
            let ended = match self.acquire().await {
                Ok(mut connection) => job::wait(&mut connection, job_id).await,
                Err(error) => Err(error),
            };
            match ended {
                Ok(JobEnd::Succeeded) => return Ok(()),
                Ok(JobEnd::Failed { status, details }) => {
                    return Err(Error::Job {
                        step: place.step,
                        steps: place.steps,
                        job_id: job_id.into(),
                        status: status.into(),
                        details: details.into(),
                        remedy: job::remedy(sql).into(),
                        statement: sql.into(),
                    });
                }
                // Waiting changes nothing, so it may be begun again.
                Err(error) if attempts.again(error.class(), &error).await => {}
                Err(error) => return Err(place.failed(sql, error)),
            }
        }
    }

    /// Statements that the script keeps in one transaction.
    async fn run_together(
        &self,
        transaction: &dsql_sql::Transaction,
        retries: &mut u32,
        place: Place,
    ) -> Result<u64, Error> {
        let mut attempts = Retries::new(self.retry_policy());
        loop {
            let mut rows = 0;
            let mut at = transaction.begin();
            let error = 'attempt: {
                let mut tx = match self.begin_with(transaction.begin().to_owned()).await {
                    Ok(tx) => tx,
                    Err(error) => break 'attempt error,
                };
                for sql in transaction.statements() {
                    at = sql;
                    match tx.execute(AssertSqlSafe(sql.to_owned())).await {
                        Ok(result) => rows += result.rows_affected(),
                        Err(error) => {
                            tx.abandon(&error).await;
                            break 'attempt error;
                        }
                    }
                }
                at = "COMMIT";
                match tx.commit().await {
                    Ok(()) => return Ok(rows),
                    Err(Error::Database(error)) => error,
                    Err(error) => return Err(error),
                }
            };
            if !attempts.again(error.class(), &error).await {
                return Err(place.failed(at, error));
            }
            *retries = attempts.failed();
        }
    }

    async fn run_batches(
        &self,
        batches: &Batches,
        report: &mut StepReport,
        place: Place,
        progress: &mut (impl FnMut(Progress<'_>) + Send),
    ) -> Result<(), Error> {
        let key = match batches.key_columns() {
            Some(key) => key,
            None => {
                let rows = self.look_up(&batches.key_columns_query(), place).await?;
                rows.into_iter().flatten().collect()
            }
        };
        let mut after: Option<Vec<String>> = None;
        loop {
            let until = if key.is_empty() {
                None
            } else {
                let page = batches.page_query(&key, after.as_deref());
                self.look_up(&page, place).await?.into_iter().next()
            };
            let statement = batches.statement(&key, after.as_deref(), until.as_deref());
            if report.statement.is_empty() {
                report.statement.clone_from(&statement);
                progress(place.started(&statement));
            }
            let mut retries = 0;
            let rows = self.run_alone(&statement, &mut retries, place).await?;
            report.retries += retries;
            report.rows += rows;
            if rows > 0 {
                progress(Progress::Batch {
                    step: place.step,
                    rows: report.rows,
                });
            }
            if until.is_none() && (rows == 0 || !key.is_empty()) {
                return Ok(());
            }
            after = until;
        }
    }

    /// The rows of a query, every column as text.
    async fn look_up(&self, sql: &str, place: Place) -> Result<Vec<Vec<String>>, Error> {
        let mut attempts = Retries::new(self.retry_policy());
        loop {
            let rows = match self.acquire().await {
                Ok(mut connection) => {
                    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
                        .fetch_all(&mut *connection)
                        .await
                }
                Err(error) => Err(error),
            };
            match rows {
                Ok(rows) => {
                    return rows
                        .iter()
                        .map(|row| (0..row.len()).map(|at| row.try_get(at)).collect())
                        .collect::<Result<_, _>>()
                        .map_err(|error| place.failed(sql, error));
                }
                Err(error) if attempts.again(error.class(), &error).await => {}
                Err(error) => return Err(place.failed(sql, error)),
            }
        }
    }
}

/// Where in the plan we are.
#[derive(Clone, Copy)]
struct Place {
    step: usize,
    steps: usize,
}

impl Place {
    fn started(self, statement: &str) -> Progress<'_> {
        Progress::Started {
            step: self.step,
            steps: self.steps,
            statement,
        }
    }

    fn failed(self, statement: &str, source: sqlx::Error) -> Error {
        Error::Step {
            step: self.step,
            steps: self.steps,
            statement: statement.into(),
            source,
        }
    }
}

/// The errors after which nothing was applied, so that a statement which is
/// its own transaction may be sent again.
fn is_conflict(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::Conflict | ErrorClass::SchemaChanged)
}
