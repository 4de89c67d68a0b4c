//! `dsql rules`: the rulebook.

use std::fmt::Write;
use std::process::ExitCode;

use crate::error::Error;
use crate::output;

/// List the rulebook: what Aurora DSQL refuses, since when that is known, and where it is documented
///
/// The check, the translation and the local cluster all go by these rules. Their identifiers stand in square brackets
/// in what those print.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dsql rules
  dsql rules index_async")]
pub(crate) struct Arguments {
    /// Tell about this rule only.
    rule: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let mut text = String::new();
    match &arguments.rule {
        Some(id) => {
            let rule = dsql_sql::rules()
                .find(|rule| rule.id() == id)
                .ok_or_else(|| Error::NoRule(id.clone()))?;
            let _ = writeln!(
                text,
                "{}\n  {}\n  known since {}\n  {}",
                rule.id(),
                rule.summary(),
                rule.since(),
                rule.page()
            );
        }
        None => {
            let width = dsql_sql::rules()
                .map(|rule| rule.id().len())
                .max()
                .unwrap_or(0);
            for rule in dsql_sql::rules() {
                let _ = writeln!(
                    text,
                    "{:width$}  {}  {}",
                    rule.id(),
                    rule.since(),
                    rule.summary()
                );
            }
        }
    }
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
