//! The `dsql` command: a local cluster, PostgreSQL scripts linted, translated and applied, and tokens.
//!
//! `dsql help` tells what it does; each room of the project does its own part.

mod apply;
mod check;
mod error;
mod lint;
mod local;
mod log;
mod migrate;
mod options;
mod output;
mod report;
mod rules;
mod script;
mod signals;
mod token;
mod translate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;

/// Aurora DSQL from the command line.
#[derive(Debug, Parser)]
#[command(
    name = "dsql",
    version,
    about = "Aurora DSQL from the command line: a local cluster, PostgreSQL scripts linted, translated and applied, tokens",
    after_help = "\
Examples:
  dsql local                              a local cluster until Ctrl-C
  dsql local -- cargo test                a command against a fresh one
  dsql lint migrations                    what these scripts would be refused for, and what to do about it
  dsql translate migrations               what to run instead of these scripts
  dsql apply migrations                   run these scripts on the cluster that DSQL_URL names
  dsql migrate run                        run the migrations of SQLx in ./migrations
  PGPASSWORD=\"$(dsql token)\" psql …       sign in to the cluster that DSQL_URL names

DSQL_LOG, or RUST_LOG, sets what is logged to standard error, such as DSQL_LOG=dsql_local=debug. Default: warn.",
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Local(Box<local::Arguments>),
    Lint(lint::Arguments),
    Translate(translate::Arguments),
    Apply(apply::Arguments),
    Migrate(migrate::Arguments),
    Check(check::Arguments),
    Token(token::Arguments),
    Rules(rules::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let asked = match &arguments.command {
        Command::Local(arguments) => arguments.log.as_deref(),
        _ => None,
    };
    if let Err(error) = log::start(asked) {
        output::error(&format!("dsql: {error}"));
        return error.exit_code();
    }
    let result = match arguments.command {
        Command::Local(arguments) => local::run(*arguments),
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Translate(arguments) => translate::run(&arguments),
        Command::Apply(arguments) => apply::run(&arguments),
        Command::Migrate(arguments) => migrate::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Token(arguments) => token::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
    };
    match result {
        Ok(code) => code,
        // Whoever reads has read enough, as `head` does.
        Err(Error::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            output::error(&format!("dsql: {error}"));
            error.exit_code()
        }
    }
}
