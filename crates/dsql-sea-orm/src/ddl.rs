//! DDL on its way to the service.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use dsql_sql::{Kind, Note, Plan, Statement, Step};
use dsql_sqlx::Progress;
use dsql_sqlx::sqlx::{self, postgres::PgQueryResult};
use sea_orm::{DbErr, ExecResult};

use crate::Dsql;
use crate::error::{exec_err, refused};

/// A DDL statement and what it became.
#[derive(Debug, Clone, Copy)]
pub struct Translation<'a> {
    sql: &'a str,
    plan: &'a Plan,
}

impl<'a> Translation<'a> {
    /// The statement as SeaORM or the application wrote it.
    pub fn sql(&self) -> &'a str {
        self.sql
    }

    /// What is run instead, in order.
    pub fn steps(&self) -> &'a [Step] {
        &self.plan.steps
    }

    /// What was changed and what now behaves differently, with the rules that say so.
    pub fn notes(&self) -> &'a [Note] {
        &self.plan.notes
    }
}

/// What becomes of a statement that is executed.
pub(crate) enum Route {
    PassOn,
    Translate,
    Refuse(DbErr),
}

impl Route {
    /// By the first keyword; this is on the way of every INSERT.
    pub(crate) fn of(sql: &str) -> Self {
        match Statement::new(sql).kind() {
            Kind::Ddl => Self::Translate,
            Kind::Transaction(_) => Self::Refuse(transaction_control(sql)),
            _ => Self::PassOn,
        }
    }

    /// Of a text that may hold several statements.
    pub(crate) fn of_script(sql: &str) -> Self {
        let mut statements = 0;
        let mut control = None;
        for statement in dsql_sql::split(sql) {
            statements += 1;
            match statement.kind() {
                Kind::Ddl => return Self::Translate,
                Kind::Transaction(_) => control = control.or(Some(statement)),
                _ => {}
            }
        }
        match control {
            // BEGIN; …; COMMIT in one string is a transaction that a plan can
            // run, and retry, as such.
            Some(_) if statements > 1 => Self::Translate,
            Some(statement) => Self::Refuse(transaction_control(statement.text())),
            None => Self::PassOn,
        }
    }
}

fn transaction_control(sql: &str) -> DbErr {
    refused(format!(
        "\"{}\" was not sent: a statement may go to any connection of the pool, so transactions \
         are begun and ended by begin(), transaction() or transact(), and nested ones join the \
         outer. Aurora DSQL has no savepoints",
        sql.trim()
    ))
}

impl Dsql {
    /// Translates, tells the hooks, runs the plan.
    pub(crate) async fn execute_ddl(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let plan = self.translate(sql)?;
        let one_step = plan.steps.len() == 1;
        let run = self.pool.run_plan(&plan, |progress| self.tell(&progress));
        match run.await {
            Ok(_) => Ok(PgQueryResult::default().into()),
            // As if it had been sent itself, so that `sql_err` and SQLSTATEs work.
            Err(dsql_sqlx::Error::Step { source, .. }) if one_step => Err(exec_err(source)),
            Err(error) => Err(plan_err(error)),
        }
    }

    /// The plan of a statement, told to whoever listens.
    pub(crate) fn translate(&self, sql: &str) -> Result<Plan, DbErr> {
        let plan = dsql_sql::translate(sql, &self.options);
        if let Some(error) = plan.errors.first() {
            return Err(refused(format!(
                "cannot be run on Aurora DSQL: {error}. The statement was: {}",
                sql.trim()
            )));
        }
        for note in &plan.notes {
            tracing::info!(rule = note.rule, %sql, "translated: {}", note.message);
        }
        if !plan.is_unchanged() {
            for listener in self.hooks.translate.all() {
                listener(&Translation { sql, plan: &plan });
            }
        }
        Ok(plan)
    }

    /// Tells whoever listens how a plan goes.
    pub(crate) fn tell(&self, progress: &Progress<'_>) {
        log(progress);
        for listener in self.hooks.progress.all() {
            listener(progress);
        }
    }
}

/// Of a plan.
pub(crate) fn plan_err(error: dsql_sqlx::Error) -> DbErr {
    match error {
        error @ (dsql_sqlx::Error::Step { .. } | dsql_sqlx::Error::Job { .. }) => {
            refused(error.to_string())
        }
        error => exec_err(sqlx::Error::from(error)),
    }
}

fn log(progress: &Progress<'_>) {
    match progress {
        Progress::Locked { holder, .. } => tracing::info!("waiting for {holder}"),
        Progress::Work { name, recorded, .. } if *recorded > 0 => {
            tracing::info!(recorded, "going on with {name}");
        }
        Progress::Started {
            step,
            steps,
            statement,
            ..
        } => {
            tracing::debug!(%step, steps, statement, "running");
        }
        Progress::Waiting { job_id, .. } => tracing::info!(job_id, "waiting for the job"),
        Progress::Batch { rows, .. } => tracing::debug!(rows, "batch committed"),
        _ => {}
    }
}

type OnTranslate = dyn Fn(&Translation<'_>) + Send + Sync;
type OnProgress = dyn Fn(&Progress<'_>) + Send + Sync;

/// Who wants to know what is done with DDL.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) translate: Listeners<OnTranslate>,
    pub(crate) progress: Listeners<OnProgress>,
}

pub(crate) struct Listeners<F: ?Sized>(Arc<RwLock<Vec<Arc<F>>>>);

impl<F: ?Sized> Listeners<F> {
    pub(crate) fn add(&self, listener: Arc<F>) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(listener);
    }

    /// To be called without the lock, so that one may add another.
    fn all(&self) -> Vec<Arc<F>> {
        let listeners = self.0.read();
        listeners.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<F: ?Sized> Clone for Listeners<F> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<F: ?Sized> Default for Listeners<F> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hooks")
    }
}
