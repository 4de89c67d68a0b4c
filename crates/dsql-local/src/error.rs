//! What can go wrong when a local cluster starts or runs.

use std::path::PathBuf;

/// Why a local cluster did not start or stopped.
///
/// Every text is one paragraph: what happened, to what, why, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No usable PostgreSQL 15 or newer on this machine, and none could be fetched.
    #[error(
        "no PostgreSQL {wanted} was found to run the local cluster on. Tried: {tried}. Install a PostgreSQL \
         server package (for example `apt install postgresql`, `dnf install postgresql-server`, \
         `brew install postgresql@16`), or set DSQL_POSTGRES to the folder that holds `postgres` and `initdb`"
    )]
    PostgresNotFound {
        /// What was looked for, in words: `15 or newer`.
        wanted: String,
        /// Each place that was tried and what was wrong with it, separated by semicolons.
        tried: String,
    },

    /// `DSQL_POSTGRES` is set, and what it names cannot be used. It is never passed over for another one.
    #[error(
        "DSQL_POSTGRES is set to {path:?}, which cannot be used: {reason}. Set it to the folder that holds \
         `postgres` and `initdb` of PostgreSQL 15 or newer (for example /usr/lib/postgresql/16/bin), or unset it to \
         let one be found"
    )]
    PostgresUnusable {
        /// The folder that `DSQL_POSTGRES` names.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// PostgreSQL refuses to run as root, and no unprivileged user could be found to run it as.
    #[error(
        "PostgreSQL refuses to run as root, and neither a user `postgres` nor a user `nobody` was found in \
         /etc/passwd to run it as. Add one of them (for example `useradd --system postgres`), or start the local \
         cluster as a user that is not root"
    )]
    NoUnprivilegedUser,

    /// No folder was found in which PostgreSQL's user can keep its files.
    #[error(
        "no folder for temporary files can be used by the user `{user}` that runs PostgreSQL. Tried: {tried}. Set \
         TMPDIR to a short path that this user can enter and write to"
    )]
    NoTemporaryFolder {
        /// The user that runs PostgreSQL.
        user: String,
        /// Each folder that was tried and what was wrong with it.
        tried: String,
    },

    /// A data directory was given which cannot be used.
    #[error("the data directory {path:?} cannot be used: {reason}. {advice}")]
    DataDirectory {
        /// The data directory as it was given.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// What to do about it.
        advice: String,
    },

    /// One of PostgreSQL's programs failed while a new data directory was made.
    #[error(
        "{program} failed while a new PostgreSQL data directory was being made ({status}). It said: {output}"
    )]
    Prepare {
        /// `initdb` or `postgres --single`.
        program: &'static str,
        /// How it ended.
        status: String,
        /// The end of what it printed.
        output: String,
    },

    /// PostgreSQL did not come up.
    #[error(
        "PostgreSQL {version} in {bin:?} did not start: {reason}. The end of its log: {log}. If this is not a fault \
         of the machine (full disk, no shared memory), try another PostgreSQL through DSQL_POSTGRES"
    )]
    Start {
        /// The version of the PostgreSQL that was started.
        version: String,
        /// The folder of its programs.
        bin: PathBuf,
        /// How it failed.
        reason: String,
        /// The end of its log.
        log: String,
    },

    /// The cluster's port cannot be listened on.
    #[error(
        "the local cluster cannot listen on {address}: {source}. Choose another port, or port 0 for any that is free"
    )]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the operating system answered.
        source: std::io::Error,
    },

    /// A file or process operation failed.
    #[error("{action} failed: {source}")]
    Io {
        /// What was being done, to which file.
        action: String,
        /// What the operating system answered.
        source: std::io::Error,
    },

    /// A certificate or its key could not be made or read.
    #[error("{action} failed: {reason}")]
    Certificate {
        /// What was being done.
        action: String,
        /// What was wrong.
        reason: String,
    },
}

impl Error {
    /// Names the operation that an I/O error belongs to: `.map_err(Error::io(|| format!(…)))`.
    pub(crate) fn io<S: Into<String>>(
        action: impl FnOnce() -> S,
    ) -> impl FnOnce(std::io::Error) -> Error {
        move |source| Error::Io {
            action: action().into(),
            source,
        }
    }
}
