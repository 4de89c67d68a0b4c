//! Applying a plan so that a run which is cut short can be continued.

mod fingerprint;
mod journal;
mod unfinished;

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use dsql_connect::RetryPolicy;
use dsql_sql::Plan;

use crate::DsqlPool;
use crate::error::Error;
use crate::lock::{Lock, LockOptions};
use crate::progress::{Progress, Report};
use crate::run::{Run, Stop};
use crate::runner::Runner;

pub(crate) use fingerprint::fingerprint;
pub(crate) use journal::{COLUMNS as JOURNAL_COLUMNS, Journal, State, TABLE as JOURNAL};

/// How [`DsqlPool::apply`] runs a plan.
///
/// # Defaults
///
/// | field | default |
/// |---|---|
/// | `source` | `a plan` |
/// | `journal` | `apply` |
/// | `lock` | [`LockOptions::default`], for the source |
/// | `retry` | 30 attempts within 5 minutes, else as [`RetryPolicy::default`] |
/// | `forget` | false |
#[non_exhaustive]
pub struct ApplyOptions {
    /// Where the plan comes from, such as the names of files, told to others.
    pub source: String,
    /// Which journal: one for each kind of run, since an unfinished run keeps
    /// others of its journal from beginning.
    pub journal: String,
    /// How the lock is taken. An empty purpose becomes the source.
    pub lock: LockOptions,
    /// How conflicts and lost connections are retried.
    pub retry: RetryPolicy,
    /// Forget a run that was not finished, instead of continuing it.
    pub forget: bool,
    stop: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl fmt::Debug for ApplyOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplyOptions")
            .field("source", &self.source)
            .field("journal", &self.journal)
            .field("lock", &self.lock)
            .field("retry", &self.retry)
            .field("forget", &self.forget)
            .finish_non_exhaustive()
    }
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self {
            source: "a plan".into(),
            journal: "apply".into(),
            lock: LockOptions::default(),
            retry: RetryPolicy::default()
                .max_attempts(30)
                .max_total(Duration::from_secs(300)),
            forget: false,
            stop: None,
        }
    }
}

impl ApplyOptions {
    /// Where the plan comes from.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// Which journal.
    #[must_use]
    pub fn journal(mut self, journal: impl Into<String>) -> Self {
        self.journal = journal.into();
        self
    }

    /// How the lock is taken.
    #[must_use]
    pub fn lock(mut self, lock: LockOptions) -> Self {
        self.lock = lock;
        self
    }

    /// How conflicts and lost connections are retried.
    #[must_use]
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Forget a run that was not finished.
    #[must_use]
    pub fn forget(mut self, forget: bool) -> Self {
        self.forget = forget;
        self
    }

    /// Stop when this future completes: between two statements or batches, or
    /// in a wait. The run fails with [`Error::Stopped`], and continues when it
    /// is started again. Dropping the future of [`DsqlPool::apply`] stops at
    /// once, with the same outcome, but a statement under way may go on for a
    /// while on the server.
    #[must_use]
    pub fn stop_when(mut self, when: impl Future<Output = ()> + Send + 'static) -> Self {
        self.stop = Some(Box::pin(when));
        self
    }
}

impl DsqlPool {
    /// Runs a plan as [`run_plan`](Self::run_plan) does, one runner at a time,
    /// and so that a run which was cut short anywhere goes on where it was
    /// when the same plan is applied again.
    ///
    /// Two small tables in the current schema make that possible: `dsql_lock`
    /// and `dsql_journal`. The journal's entry is written in the transaction
    /// of each step that writes rows, so such a step happens once. DDL cannot
    /// share a transaction with it: there the entry is made before the
    /// statement, with a fingerprint of the catalog, and whether it has
    /// changed tells afterwards if the statement was applied. When the
    /// connection is lost, the run makes another, looks, and goes on.
    ///
    /// An unfinished run goes on with any plan that begins with the steps
    /// which are done; those after them may have been edited.
    ///
    /// # Errors
    ///
    /// Those of [`run_plan`](Self::run_plan) and [`lock`](Self::lock);
    /// [`Error::Unfinished`] when the plan is not that of the unfinished run;
    /// [`Error::LockLost`] when the lock was lost meanwhile; [`Error::Stopped`].
    /// After any of them, what was done is in the journal.
    ///
    /// ```no_run
    /// # async fn f(pool: dsql_sqlx::DsqlPool) -> Result<(), dsql_sqlx::Error> {
    /// use dsql_sqlx::{ApplyOptions, Progress};
    ///
    /// let plan = dsql_sql::translate("CREATE INDEX pet_name ON pet (name)", &Default::default());
    /// let options = ApplyOptions::default().source("pet_name.sql");
    /// let report = pool
    ///     .apply(&plan, options, |progress| {
    ///         if let Progress::Started { step, steps, statement, .. } = progress {
    ///             println!("{step}/{steps} {statement}");
    ///         }
    ///     })
    ///     .await?;
    /// println!("{} steps, {} of them earlier", plan.steps.len(), report.already_done);
    /// # Ok(()) }
    /// ```
    pub async fn apply(
        &self,
        plan: &Plan,
        mut options: ApplyOptions,
        mut progress: impl FnMut(Progress<'_>) + Send,
    ) -> Result<Report, Error> {
        Error::of_plan(plan)?;
        let mut stop = Stop::new(options.stop.take());
        let mut lock = options.lock.clone();
        if lock.purpose.is_empty() {
            lock.purpose.clone_from(&options.source);
        }
        let lock = tokio::select! {
            lock = self.lock(lock, |holder| progress(Progress::Locked { holder })) => lock?,
            () = stop.asked() => {
                let (step, steps) = (crate::StepNumber::new(1), plan.steps.len());
                return Err(Error::Stopped { step, steps });
            }
        };
        let applied = self.go_on(plan, &lock, options, &mut stop, &mut progress);
        let applied = applied.await;
        match &applied {
            Ok(_) => lock.give_back().await,
            Err(_) => drop(lock.release().await),
        }
        applied
    }

    /// [`apply`](Self::apply) for who holds the lock already, such as a runner
    /// of migrations, which has several plans to run under one lock. The lock's
    /// options are not used.
    ///
    /// A run that has ended leaves no trace. What must be remembered of it is
    /// best made the last step of its plan, which happens once like the others.
    ///
    /// # Errors
    ///
    /// Those of [`apply`](Self::apply) but [`Error::Locked`].
    pub async fn apply_under(
        &self,
        lock: &Lock,
        plan: &Plan,
        mut options: ApplyOptions,
        mut progress: impl FnMut(Progress<'_>) + Send,
    ) -> Result<Report, Error> {
        Error::of_plan(plan)?;
        let mut stop = Stop::new(options.stop.take());
        self.go_on(plan, lock, options, &mut stop, &mut progress)
            .await
    }

    pub(crate) async fn go_on(
        &self,
        plan: &Plan,
        lock: &Lock,
        options: ApplyOptions,
        stop: &mut Stop,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<Report, Error> {
        let mut runner = Runner::this();
        runner.token = lock.owner().to_owned();
        tokio::select! {
            biased;
            error = lock.lost() => Err(error),
            applied = async {
                let mut run = Run::new(self, None, options.retry, stop, progress);
                let table = run.journal_table().await?;
                let journal = Journal::new(table, options.journal, runner, options.source, plan);
                let done = run.take_up(journal, plan, options.forget).await?;
                let report = run.run(plan, done).await?;
                run.forget().await?;
                run.session.finish().await;
                Ok(report)
            } => applied,
        }
    }
}
