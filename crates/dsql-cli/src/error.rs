//! What can go wrong in the command itself.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// Why the command failed. Every text is one paragraph and says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Connect(#[from] dsql_connect::Error),

    #[error(transparent)]
    Database(Box<dsql_sqlx::Error>),

    #[error(transparent)]
    Local(#[from] dsql_local::Error),

    #[error("the local cluster has ended: {0}")]
    ClusterEnded(String),

    #[error(
        "{} could not be run: {source}. What stands after -- is a program with its arguments, not a shell's command \
         line; for one of those, write `-- sh -c '…'`",
        command.display()
    )]
    Run {
        command: OsString,
        source: std::io::Error,
    },

    #[error("{} could not be read: {source}. Name a file of SQL in UTF-8, or - for standard input", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },

    #[error("there is no *.sql file in {}: name a folder of scripts, or a file", .0.display())]
    NoScripts(PathBuf),

    #[error("{} cannot be read as a folder of migrations: {source}. Name it with --source", path.display())]
    Migrations {
        path: PathBuf,
        source: dsql_sqlx::sqlx::migrate::MigrateError,
    },

    #[error("{} could not be written: {source}", path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },

    #[error(
        "--fix writes into files, and standard input is none: `dsql translate` prints what to run instead, or name a \
         file"
    )]
    FixesStandardInput,

    #[error("there is no rule `{named}`: {}", do_you_mean(.near))]
    NoRule {
        named: String,
        /// Rules that speak of the same.
        near: Vec<&'static str>,
    },

    #[error("the output could not be written: {0}")]
    Output(std::io::Error),

    #[error(
        "--log {asked}: {reason}. Write error, warn, info, debug or trace, or levels by module, such as dsql_local=debug"
    )]
    Log { asked: String, reason: String },

    #[error("{action} failed: {source}")]
    System {
        action: &'static str,
        source: std::io::Error,
    },
}

impl From<dsql_sqlx::Error> for Error {
    fn from(error: dsql_sqlx::Error) -> Self {
        Self::Database(Box::new(error))
    }
}

impl Error {
    /// 2 for what the caller must put right; 126 and 127, as a shell, for a command that cannot be run or found; else
    /// 1.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Run { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                ExitCode::from(127)
            }
            Self::Run { .. } => ExitCode::from(126),
            Self::Read { .. }
            | Self::Write { .. }
            | Self::Migrations { .. }
            | Self::NoScripts(_)
            | Self::FixesStandardInput
            | Self::Log { .. }
            | Self::NoRule { .. } => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}

fn do_you_mean(rules: &[&str]) -> String {
    match rules {
        [] => "`dsql rules` lists them all".to_owned(),
        rules => format!(
            "do you mean {}? `dsql rules` lists them all",
            rules.join(", ")
        ),
    }
}
