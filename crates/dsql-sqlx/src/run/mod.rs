//! Running the steps of a plan: without a journal for
//! [`run_plan`](crate::DsqlPool::run_plan), with one for
//! [`apply`](crate::DsqlPool::apply).

mod async_ddl;
mod batches;
mod ddl;
mod lookup;
mod session;
mod stop;
mod transaction;

use std::time::Instant;

use dsql_connect::{ErrorClass, RetryPolicy};
use dsql_sql::{Kind, Plan, Statement, Step};

use crate::apply::Journal;
use crate::error::{Error, ErrorExt as _};
use crate::progress::{Progress, Report, StepNumber, StepReport};
use crate::{DsqlPool, Retries};

pub(crate) use session::Session;
pub(crate) use stop::Stop;

/// A plan that is being run.
pub(crate) struct Run<'r> {
    pub(crate) session: Session,
    pub(crate) journal: Option<Journal>,
    pub(crate) policy: RetryPolicy,
    stop: &'r mut Stop,
    progress: &'r mut (dyn FnMut(Progress<'_>) + Send),
}

/// Where in the plan we are.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) number: StepNumber,
    pub(crate) steps: usize,
    /// Is the step of the plan done with this one?
    pub(crate) is_last: bool,
}

impl Place {
    /// Beside any plan.
    #[cfg(feature = "migrate")]
    pub(crate) fn none() -> Self {
        Self {
            number: StepNumber::new(0),
            steps: 0,
            is_last: true,
        }
    }

    pub(crate) fn failed(self, statement: &str, source: sqlx::Error) -> Error {
        Error::Step {
            step: self.number,
            steps: self.steps,
            statement: statement.into(),
            source,
        }
    }
}

/// After which errors a statement may be sent again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeat {
    /// Those after which nothing was applied.
    Conflicts,
    /// Also when it may have been: it does no harm, or will be found out.
    Losses,
}

impl<'r> Run<'r> {
    pub(crate) fn new(
        pool: &DsqlPool,
        journal: Option<Journal>,
        policy: RetryPolicy,
        stop: &'r mut Stop,
        progress: &'r mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Self {
        Self {
            session: Session::new(pool.clone()),
            journal,
            policy,
            stop,
            progress,
        }
    }

    /// Runs the steps after the first `done` ones.
    pub(crate) async fn run(&mut self, plan: &Plan, done: usize) -> Result<Report, Error> {
        let steps = plan.steps.len();
        let mut report = Report {
            already_done: done,
            ..Report::default()
        };
        for (at, step) in plan.steps.iter().enumerate().skip(done) {
            let place = Place {
                number: StepNumber::new(at + 1),
                steps,
                is_last: true,
            };
            self.check_stop(place)?;
            let done = self.step(step, place).await?;
            self.tell(Progress::Finished {
                step: place.number,
                report: &done,
            });
            report.steps.push(done);
            self.session.remember(step).await;
        }
        Ok(report)
    }

    /// Sets what the first `done` steps have set, by an earlier run.
    pub(crate) async fn restore(&mut self, plan: &Plan, done: usize) {
        for step in plan.steps.iter().take(done) {
            self.session.remember(step).await;
        }
        // The next connection begins with it.
        self.session.lose();
    }

    async fn step(&mut self, step: &Step, place: Place) -> Result<StepReport, Error> {
        let started = Instant::now();
        let mut report = StepReport::default();
        if let Some(journal) = &mut self.journal {
            journal.reach(place);
        }
        match step {
            Step::Lookup(lookup) => self.lookup(lookup, &mut report, place).await?,
            step => self.simple_step(step, &mut report, place).await?,
        }
        report.elapsed = started.elapsed();
        Ok(report)
    }

    async fn simple_step(
        &mut self,
        step: &Step,
        report: &mut StepReport,
        place: Place,
    ) -> Result<(), Error> {
        match step {
            Step::Ddl(sql) => {
                let done = self.ddl(sql, report, place).await;
                self.session.schema_changed();
                done
            }
            Step::AsyncDdl(sql) => {
                let done = self.async_ddl(sql, report, place).await;
                self.session.schema_changed();
                done
            }
            Step::Dml(sql) => self.dml(sql, report, place).await,
            Step::Transaction(transaction) => {
                report.statement = transaction.statements().join(";\n");
                self.started(report, place);
                let (begin, statements) = (transaction.begin(), transaction.statements());
                self.transaction(begin, statements, report, place).await
            }
            Step::Batches(batches) => self.batches(batches, report, place).await,
            other => Err(place.failed(
                &other.to_string(),
                sqlx::Error::Protocol("this runner does not know this kind of step".into()),
            )),
        }
    }

    async fn dml(
        &mut self,
        sql: &String,
        report: &mut StepReport,
        place: Place,
    ) -> Result<(), Error> {
        report.statement.clone_from(sql);
        self.started(report, place);
        if self.journal.is_none() {
            let rows = self.alone(sql, Repeat::Conflicts, report, place).await?;
            report.rows += changed(sql, rows);
            return Ok(());
        }
        match Statement::new(sql).kind() {
            Kind::Read | Kind::Write => {
                let statements = std::slice::from_ref(sql);
                self.transaction("BEGIN", statements, report, place).await
            }
            // It sets the session, or is one of those that may not be in a
            // transaction (ANALYZE, CALL): twice is once.
            _ => {
                self.alone(sql, Repeat::Losses, report, place).await?;
                self.done(report, place).await
            }
        }
    }

    /// One statement that is its own transaction. Answers the rows it changed.
    async fn alone(
        &mut self,
        sql: &str,
        repeat: Repeat,
        report: &mut StepReport,
        place: Place,
    ) -> Result<u64, Error> {
        let policy = self.policy.clone();
        let mut retries = Retries::new(&policy);
        loop {
            match self.session.execute(sql).await {
                Ok(result) => return Ok(result.rows_affected()),
                Err(error) => {
                    self.session.heal(&error, false).await;
                    self.again(&mut retries, repeat, error, sql, report, place)
                        .await?;
                }
            }
        }
    }

    /// The rows of a query, every column as text; a row with a null is left out.
    pub(crate) async fn rows(
        &mut self,
        sql: &str,
        report: &mut StepReport,
        place: Place,
    ) -> Result<Vec<Vec<String>>, Error> {
        use sqlx::Row as _;

        let policy = self.policy.clone();
        let mut retries = Retries::new(&policy);
        loop {
            let rows = match self.session.connection().await {
                Ok(connection) => {
                    let query = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
                    query.fetch_all(connection).await
                }
                Err(error) => Err(error),
            };
            match rows {
                Ok(rows) => {
                    return rows
                        .iter()
                        .map(|row| (0..row.len()).map(|at| row.try_get(at)).collect())
                        .filter_map(Result::transpose)
                        .collect::<Result<_, _>>()
                        .map_err(|error| place.failed(sql, error));
                }
                Err(error) => {
                    self.session.heal(&error, false).await;
                    self.again(&mut retries, Repeat::Losses, error, sql, report, place)
                        .await?;
                }
            }
        }
    }

    /// Returns, after a pause, when what failed is to be tried again.
    async fn again(
        &mut self,
        retries: &mut Retries<'_>,
        repeat: Repeat,
        error: sqlx::Error,
        statement: &str,
        report: &mut StepReport,
        place: Place,
    ) -> Result<(), Error> {
        let class = match error.class() {
            ErrorClass::Ambiguous | ErrorClass::Unavailable if repeat == Repeat::Losses => {
                ErrorClass::Unavailable
            }
            class if is_conflict(class) => class,
            _ if met_a_drop(&error) => ErrorClass::SchemaChanged,
            _ => return Err(place.failed(statement, error)),
        };
        self.check_stop(place)?;
        if !retries.again(class, &error).await {
            return Err(place.failed(statement, error));
        }
        report.retries += 1;
        self.tell(Progress::Retried {
            step: place.number,
            error: &error,
        });
        Ok(())
    }

    /// Enters into the journal that the step is done.
    async fn done(&mut self, report: &mut StepReport, place: Place) -> Result<(), Error> {
        if let Some(journal) = &mut self.journal {
            journal.advance(place);
            self.save(report, place).await?;
        }
        Ok(())
    }

    /// Writes the journal.
    pub(crate) async fn save(
        &mut self,
        report: &mut StepReport,
        place: Place,
    ) -> Result<(), Error> {
        let policy = self.policy.clone();
        let mut retries = Retries::new(&policy);
        while let Some(journal) = &self.journal {
            let saved = match self.session.connection().await {
                Ok(connection) => journal.save(connection).await,
                Err(error) => Err(error),
            };
            match saved {
                Ok(true) => break,
                Ok(false) => return Err(Error::LockLost { holder: None }),
                Err(error) => {
                    self.session.heal(&error, false).await;
                    self.again(&mut retries, Repeat::Losses, error, WRITING, report, place)
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// Enters into the journal that a statement is about to be sent, with the
    /// state that the catalog is in.
    async fn start(&mut self, report: &mut StepReport, place: Place) -> Result<(), Error> {
        let policy = self.policy.clone();
        let mut retries = Retries::new(&policy);
        while let Some(journal) = &mut self.journal {
            let started = match self.session.connection().await {
                Ok(connection) => journal.start(connection, &report.statement).await,
                Err(error) => Err(error),
            };
            match started {
                Ok(true) => break,
                Ok(false) => return Err(Error::LockLost { holder: None }),
                Err(error) => {
                    self.session.heal(&error, false).await;
                    self.again(&mut retries, Repeat::Losses, error, WRITING, report, place)
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// The step was not applied, and the server said so: nothing of it is left
    /// to look into. If this cannot be written, the next run finds out.
    async fn clear(&mut self) {
        if let Some(journal) = &mut self.journal {
            journal.clear();
            if let Ok(connection) = self.session.connection().await
                && let Err(error) = journal.save_or_remove(connection).await
            {
                tracing::debug!(%error, "the journal was not written");
            }
        }
    }

    fn started(&mut self, report: &StepReport, place: Place) {
        let (step, steps) = (place.number, place.steps);
        let statement = &report.statement;
        self.tell(Progress::Started {
            step,
            steps,
            statement,
        });
    }

    pub(crate) fn tell(&mut self, progress: Progress<'_>) {
        (self.progress)(progress);
    }

    fn check_stop(&mut self, place: Place) -> Result<(), Error> {
        if self.stop.is_asked() {
            return Err(Error::Stopped {
                step: place.number,
                steps: place.steps,
            });
        }
        Ok(())
    }
}

/// What an error is about that has no statement of the plan.
const WRITING: &str = "an entry in the journal, dsql_journal";

/// Of the rows that a statement's tag counts, those changed: a query counts
/// what it answers.
fn changed(sql: &str, rows: u64) -> u64 {
    match Statement::new(sql).kind() {
        Kind::Write => rows,
        _ => 0,
    }
}

/// Did a query of the catalog come upon an object that another session has
/// dropped meanwhile? PostgreSQL has no SQLSTATE for that.
fn met_a_drop(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return false;
    };
    let said = error.message();
    error.code().as_deref() == Some("XX000")
        && (said.starts_with("could not open relation with OID")
            || said.starts_with("cache lookup failed for "))
}

fn is_conflict(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::Conflict | ErrorClass::SchemaChanged)
}
