//! What can go wrong, and how an error of SQLx is classed.

use std::borrow::Cow;

use dsql_connect::ErrorClass;
use dsql_sql::{Plan, PlanError};

use crate::lock::Holder;
use crate::progress::StepNumber;

/// What went wrong in this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The settings are wrong, or no token could be made.
    #[error(transparent)]
    Connect(#[from] dsql_connect::Error),

    /// SQLx, or the server through it.
    #[error(transparent)]
    Database(#[from] sqlx::Error),

    /// The first connection could not be made.
    #[error("could not connect to {host}:{port} as {user}: {}. {}", .reason.trim_end_matches('.'), advice(.source))]
    #[non_exhaustive]
    Unreachable {
        /// The host that was dialled.
        host: String,
        /// Its port.
        port: u16,
        /// The database role.
        user: String,
        /// What the server or the network said, with the server's detail and hint.
        reason: String,
        /// The error of SQLx.
        source: sqlx::Error,
    },

    /// The connection was lost while COMMIT was under way, or a statement
    /// outside a transaction, which commits by itself.
    #[error(
        "the outcome of the transaction is unknown: {source}. COMMIT, or a statement that commits by itself, was under \
         way and may or may not have been applied. Read back what the transaction writes before running it again, or, \
         if running it twice does no harm, say so with `RetryPolicy::idempotent` and it is retried"
    )]
    #[non_exhaustive]
    Ambiguous {
        /// What happened to the COMMIT.
        source: sqlx::Error,
    },

    /// A plan that cannot be had as a whole: nothing of it was run.
    #[error("cannot be run on Aurora DSQL: {0}")]
    Plan(Box<PlanError>),

    /// A step of a plan failed. The steps before it are done and stay done.
    #[error("step {step} of {steps} failed: {}. The statement was: {statement}", explain(.source).trim_end_matches('.'))]
    #[non_exhaustive]
    Step {
        /// Which step.
        step: StepNumber,
        /// How many steps the plan has.
        steps: usize,
        /// The statement that failed.
        statement: Box<str>,
        /// Why it failed.
        source: sqlx::Error,
    },

    /// An asynchronous job (an index build, the validation of a constraint) failed.
    #[error(
        "step {step} of {steps} failed: job {job_id} ended with status {status}: {details}. \
         {remedy}. The statement was: {statement}"
    )]
    #[non_exhaustive]
    Job {
        /// Which step.
        step: StepNumber,
        /// How many steps the plan has.
        steps: usize,
        /// The job, as `sys.jobs` knows it. Finished jobs leave `sys.jobs` after about half an hour.
        job_id: Box<str>,
        /// `failed`, or what else `sys.jobs` said.
        status: Box<str>,
        /// The service's own words.
        details: Box<str>,
        /// What was left behind and what to do about it.
        remedy: Box<str>,
        /// The statement that started the job.
        statement: Box<str>,
    },

    /// What the catalog answered makes the statement impossible. The steps
    /// before it are done and stay done.
    #[error(
        "step {step} of {steps} cannot be run on Aurora DSQL: {source}. The statement was: {statement}"
    )]
    #[non_exhaustive]
    Lookup {
        /// Which step.
        step: StepNumber,
        /// How many steps the plan has.
        steps: usize,
        /// The statement.
        statement: Box<str>,
        /// Why, and what to write instead.
        source: Box<PlanError>,
    },

    /// A migration cannot be had, or failed. Those before it stay applied.
    #[error("migration {version} ({description}): {source}")]
    #[non_exhaustive]
    Migration {
        /// Its version.
        version: i64,
        /// Its description.
        description: Box<str>,
        /// What is wrong with it, or what went wrong.
        source: Box<Error>,
    },

    /// Another runner holds the lock, and the time to wait for it is over.
    #[error(
        "the lock is held by {holder}. One at a time changes the schema: wait until that run has ended; \
         if it has died, its lock runs out in {} s", .holder.expires_in.as_secs() + 1
    )]
    #[non_exhaustive]
    Locked {
        /// Who holds it.
        holder: Box<Holder>,
    },

    /// The lock has run out and was taken by another runner, or removed.
    #[error(
        "the lock was lost{}: this process could not renew it in time, so the run was left to others. \
         What was done is in the journal; run the same again to go on", taken(.holder)
    )]
    #[non_exhaustive]
    LockLost {
        /// Who holds it now, if that is known.
        holder: Option<Box<Holder>>,
    },

    /// An earlier run is not finished, and the plan given does not continue it.
    #[error(
        "{run}. {reason}. Run the same script to go on, whose steps from there on may be edited; or forget that run \
         (`dsql apply --forget`, `ApplyOptions::forget`), which leaves done what it has done"
    )]
    #[non_exhaustive]
    Unfinished {
        /// Which run that is: its source, when, by whom, and where it stopped.
        run: Box<str>,
        /// Why the plan does not continue it.
        reason: Box<str>,
    },

    /// A transaction that leaves no row for the journal.
    #[error(
        "step {step} of {steps} was not applied: it changes as many rows as one transaction may, 3,000, and the \
         journal's entry, which makes that it happens once, is a row too. Cut it in two. The statement was: \
         {statement}"
    )]
    #[non_exhaustive]
    NoRoomForJournal {
        /// Which step.
        step: StepNumber,
        /// How many steps the plan has.
        steps: usize,
        /// The statement.
        statement: Box<str>,
    },

    /// The run was asked to stop, before this step or in it.
    #[error("stopped at step {step} of {steps}, as asked. Run the same again to go on")]
    #[non_exhaustive]
    Stopped {
        /// Which step.
        step: StepNumber,
        /// How many steps the plan has.
        steps: usize,
    },

    /// No schema is current, so there is none for the lock and the journal.
    #[error(
        "there is no schema to keep the lock and the journal in: the role's search_path names none that exists and \
         that it may use. Create a schema with the role's name, or connect as a role that may use another"
    )]
    NoSchema,

    /// A table of this crate could not be made.
    #[error(
        "the table {table} could not be created in schema {schema}: {source}. The role needs the right to create \
         tables there"
    )]
    #[non_exhaustive]
    OwnTable {
        /// Which table.
        table: &'static str,
        /// In which schema.
        schema: Box<str>,
        /// What the server said.
        source: sqlx::Error,
    },
}

fn taken(holder: &Option<Box<Holder>>) -> String {
    match holder {
        Some(holder) => format!(" to {holder}"),
        None => String::new(),
    }
}

impl Error {
    /// Of a plan that has errors, the first: nothing of it is to be run.
    pub(crate) fn of_plan(plan: &Plan) -> Result<(), Self> {
        match plan.errors.first() {
            Some(error) => Err(Self::Plan(Box::new(error.clone()))),
            None => Ok(()),
        }
    }

    /// The class of the error; see [`ErrorClass`].
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Database(error) => error.class(),
            Self::Unreachable { source, .. }
            | Self::Step { source, .. }
            | Self::OwnTable { source, .. } => source.class(),
            Self::Ambiguous { .. } => ErrorClass::Ambiguous,
            Self::Migration { source, .. } => source.class(),
            Self::Plan(_) | Self::Lookup { .. } => ErrorClass::Refused,
            Self::Connect(_)
            | Self::Job { .. }
            | Self::Locked { .. }
            | Self::LockLost { .. }
            | Self::Unfinished { .. }
            | Self::NoRoomForJournal { .. }
            | Self::Stopped { .. }
            | Self::NoSchema => ErrorClass::Other,
        }
    }

    /// The SQLSTATE, where the server gave one.
    pub fn sqlstate(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Database(source)
            | Self::Unreachable { source, .. }
            | Self::Step { source, .. }
            | Self::OwnTable { source, .. }
            | Self::Ambiguous { source } => source.sqlstate(),
            Self::Migration { source, .. } => source.sqlstate(),
            _ => None,
        }
    }
}

/// For code whose error type is that of SQLx. The class is kept.
impl From<Error> for sqlx::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Database(error) => error,
            Error::Connect(_) => sqlx::Error::Configuration(Box::new(error)),
            error => sqlx::Error::Io(std::io::Error::other(error)),
        }
    }
}

/// How Aurora DSQL sees an error of SQLx.
///
/// ```
/// use dsql_sqlx::{ErrorClass, ErrorExt};
///
/// let error = sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into());
/// assert_eq!(error.class(), ErrorClass::Unavailable);
/// ```
pub trait ErrorExt {
    /// The class of the error. A connection that was lost is
    /// [`ErrorClass::Unavailable`]; during COMMIT it would be
    /// [`ErrorClass::Ambiguous`], see [`commit_class`](Self::commit_class).
    fn class(&self) -> ErrorClass;

    /// The class of an error that COMMIT answered, or a statement outside a
    /// transaction, which commits by itself.
    fn commit_class(&self) -> ErrorClass;

    /// The SQLSTATE, where the server gave one.
    fn sqlstate(&self) -> Option<Cow<'_, str>>;

    /// Does the error say that statements which this connection has cached are
    /// out of date? True for OC001 and for `cached plan must not change result
    /// type`; the cure is `clear_cached_statements`, which this crate does by
    /// itself wherever it holds the connection.
    fn is_stale_schema(&self) -> bool {
        self.class() == ErrorClass::SchemaChanged
    }
}

impl ErrorExt for sqlx::Error {
    fn class(&self) -> ErrorClass {
        match self {
            sqlx::Error::Database(error) => {
                ErrorClass::of(error.code().as_deref(), error.message())
            }
            error => match ours(error) {
                Some(error) => error.class(),
                None if is_lost(error) => ErrorClass::Unavailable,
                None => ErrorClass::Other,
            },
        }
    }

    fn commit_class(&self) -> ErrorClass {
        match self {
            sqlx::Error::Database(error) => {
                ErrorClass::of_commit(error.code().as_deref(), error.message())
            }
            error if ours(error).is_none() && is_lost(error) => ErrorClass::Ambiguous,
            error => error.class(),
        }
    }

    fn sqlstate(&self) -> Option<Cow<'_, str>> {
        match self {
            sqlx::Error::Database(error) => error.code(),
            error => ours(error)?.sqlstate(),
        }
    }
}

/// An error of this crate that travels as one of SQLx.
fn ours(error: &sqlx::Error) -> Option<&Error> {
    match error {
        sqlx::Error::Io(error) => error.get_ref()?.downcast_ref(),
        sqlx::Error::Configuration(error) => error.downcast_ref(),
        _ => None,
    }
}

/// The connection is gone: SQLx reports a closed socket as an I/O error.
fn is_lost(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed)
}

/// What to do when no connection can be made.
fn advice(error: &sqlx::Error) -> &'static str {
    match error {
        sqlx::Error::Io(_) => {
            "Check that the cluster is there and active, and that host, port and network are right"
        }
        sqlx::Error::Tls(_) => {
            "The server's certificate was not accepted: check that the host is the cluster's own \
             name, and name the file of certificates to trust with sslrootcert if it is not among \
             those of the system"
        }
        sqlx::Error::Database(error)
            if matches!(error.code().as_deref(), Some("08006" | "28000")) =>
        {
            "Check that the AWS credentials are those meant, that they may dsql:DbConnectAdmin \
             (for admin) or dsql:DbConnect on this cluster, that other roles were granted to them \
             by AWS IAM GRANT, and that host, region and clock are right"
        }
        _ => "Check the settings of the connection",
    }
}

/// The server's message with its SQLSTATE, detail and hint; the Display of SQLx has a line of the server's source instead.
pub(crate) fn explain(error: &sqlx::Error) -> String {
    let Some(error) = error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>())
    else {
        return error.to_string();
    };
    let mut text = format!("{}: {}", error.code(), error.message());
    for more in [error.detail(), error.hint()].into_iter().flatten() {
        text.push_str(": ");
        text.push_str(more);
    }
    text
}
