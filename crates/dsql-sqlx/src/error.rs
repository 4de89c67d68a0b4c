//! What can go wrong, and how an error of SQLx is classed.

use std::borrow::Cow;

use dsql_connect::ErrorClass;
use dsql_sql::PlanError;

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

    /// The connection was lost while COMMIT was under way.
    #[error(
        "the outcome of the transaction is unknown: {source}. COMMIT was under way and may or may \
         not have been applied. Read back what the transaction writes before running it again, or, \
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
    #[error("step {step} of {steps} failed: {source}. The statement was: {statement}")]
    #[non_exhaustive]
    Step {
        /// Which step, counted from 1.
        step: usize,
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
        /// Which step, counted from 1.
        step: usize,
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
}

impl Error {
    /// The class of the error; see [`ErrorClass`].
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Database(error) => error.class(),
            Self::Unreachable { source, .. } | Self::Step { source, .. } => source.class(),
            Self::Ambiguous { .. } => ErrorClass::Ambiguous,
            Self::Plan(_) => ErrorClass::Refused,
            Self::Connect(_) | Self::Job { .. } => ErrorClass::Other,
        }
    }

    /// The SQLSTATE, where the server gave one.
    pub fn sqlstate(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Database(source)
            | Self::Unreachable { source, .. }
            | Self::Step { source, .. }
            | Self::Ambiguous { source } => source.sqlstate(),
            Self::Connect(_) | Self::Plan(_) | Self::Job { .. } => None,
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

    /// The class of an error that COMMIT answered.
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
                // PostgreSQL's own way to say it: 0A000, which would otherwise
                // read as a refusal.
                if error
                    .message()
                    .contains("cached plan must not change result type")
                {
                    return ErrorClass::SchemaChanged;
                }
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
        sqlx::Error::Database(error) if error.code().as_deref() == Some("28000") => {
            "Check that the AWS credentials are those meant, that they may dsql:DbConnectAdmin \
             (for admin) or dsql:DbConnect on this cluster, that other roles were granted to them \
             by AWS IAM GRANT, and that host, region and clock are right"
        }
        _ => "Check the settings of the connection",
    }
}

/// The server's message with its detail and hint, which the Display of SQLx leaves out.
pub(crate) fn explain(error: &sqlx::Error) -> String {
    let mut text = error.to_string();
    if let Some(error) = error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>())
    {
        for more in [error.detail(), error.hint()].into_iter().flatten() {
            text.push_str(": ");
            text.push_str(more);
        }
    }
    text
}
