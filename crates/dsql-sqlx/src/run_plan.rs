//! Running a plan step by step.

use dsql_sql::Plan;

use crate::DsqlPool;
use crate::error::Error;
use crate::progress::{Progress, Report};
use crate::run::{Run, Stop};

impl DsqlPool {
    /// Runs a plan: each step in its own transaction, conflicts retried under
    /// the pool's policy, asynchronous jobs awaited, rows changed batch by
    /// batch, what hangs on the catalog looked up. `progress` is called as it
    /// goes; `|_| {}` for none.
    ///
    /// The steps share a connection, so that what one of them sets holds for
    /// those after it; then it is closed. [`apply`](Self::apply) is the same
    /// with a lock and a journal, for runs that must survive an interruption.
    ///
    /// # Errors
    ///
    /// [`Error::Plan`] before anything is run when the plan has errors;
    /// [`Error::Step`], [`Error::Job`] or [`Error::Lookup`] when a step fails.
    /// Steps done before it stay done, since the service has no transaction
    /// over several DDL statements: the error says which step it was.
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
        Error::of_plan(plan)?;
        let mut never = Stop::never();
        let policy = self.retry_policy().clone();
        let mut run = Run::new(self, None, policy, &mut never, &mut progress);
        let report = run.run(plan, 0).await;
        run.session.finish().await;
        report
    }
}
