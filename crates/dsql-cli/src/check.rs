//! `dsql check`: what the service would refuse in a script, a line each.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::error::Error;
use crate::output;
use crate::script::Script;

/// Print what Aurora DSQL would refuse in scripts, one line each
///
/// It finds what `dsql lint` finds, and prints file, line, column, SQLSTATE, the service's message and the rule. Where
/// the service's words are not known, advice stands in their place.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 nothing is refused, 1 something is, 2 usage.

Examples:
  dsql check migrations
  pg_dump --schema-only clinic | dsql check")]
pub(crate) struct Arguments {
    /// Scripts to read, or folders with *.sql files; - or nothing for standard input.
    #[arg(value_name = "FILE|FOLDER")]
    files: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let mut found = String::new();
    for script in Script::read_all(&arguments.files)? {
        for diagnostic in dsql_sql::lint(&script.text) {
            if diagnostic.is_refused() {
                let (line, column) = (diagnostic.line, diagnostic.column);
                let _ = writeln!(found, "{}:{line}:{column}: {diagnostic}", script.name);
            }
        }
    }
    output::print(&found)?;
    Ok(if found.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
