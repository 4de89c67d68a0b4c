//! `dsql token`: a fresh IAM token.

use std::process::ExitCode;

use dsql_connect::Config;

use crate::error::Error;
use crate::output;

/// Print a fresh token: the password for a connection to a cluster
///
/// It is signed with your AWS credentials, without a network call to the cluster, and is good for 15 minutes unless the
/// URL says otherwise (token_duration). Treat it as the password that it is.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dsql token --url dsql://admin@<cluster-id>.dsql.us-east-1.on.aws/postgres
  PGPASSWORD=\"$(dsql token)\" psql \"host=<cluster-id>.dsql.us-east-1.on.aws user=admin dbname=postgres sslmode=verify-full sslrootcert=system\"")]
pub(crate) struct Arguments {
    /// The cluster and the role; DSQL_URL if it is not given.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let config = match &arguments.url {
        Some(url) => url.parse()?,
        None => Config::from_env()?,
    };
    let token = runtime()?.block_on(async { config.tokens().await?.token().await })?;
    output::print(&format!("{}\n", token.expose()))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Runtime::new().map_err(|source| Error::System {
        action: "starting the program's threads",
        source,
    })
}
