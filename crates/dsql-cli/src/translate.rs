//! `dsql translate`: what to run on the service instead of a script for PostgreSQL.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use dsql_sql::{ForeignKeys, Options, Plan};

use crate::error::Error;
use crate::output;
use crate::script::Script;

/// Print what to run on Aurora DSQL instead of scripts for PostgreSQL
///
/// The plan goes to standard output as SQL, each statement to be run in a transaction of its own, with what was changed
/// as comments. What cannot be had is told on standard error too, with its place. Nothing is run and nothing is dropped
/// silently.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 unchanged, 1 something cannot be had, 2 usage, 3 changed.

Examples:
  dsql translate schema.sql > schema.dsql.sql
  pg_dump --schema-only clinic | dsql translate
  dsql translate --foreign-keys omit migrations/*.sql")]
pub(crate) struct Arguments {
    /// Scripts to read; - or nothing for standard input.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// What becomes of foreign keys.
    #[arg(
        long,
        value_name = "native|omit",
        default_value = "native",
        hide_possible_values = true
    )]
    foreign_keys: Keys,

    /// CACHE of identity columns and sequences that name none: 1 for numbers near in order, 65536 or more for
    /// throughput.
    #[arg(long, value_name = "N", default_value_t = Options::default().identity_cache)]
    identity_cache: u64,

    /// Rows that one batch of a back-fill or delete changes, 1 to 3000.
    #[arg(long, value_name = "N", default_value_t = Options::default().batch_rows,
          value_parser = clap::value_parser!(u32).range(1..=3000))]
    batch_rows: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Keys {
    Native,
    Omit,
}

const REFUSED: u8 = 1;
const CHANGED: u8 = 3;

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let options = Options {
        foreign_keys: match arguments.foreign_keys {
            Keys::Native => ForeignKeys::Native,
            Keys::Omit => ForeignKeys::Omit,
        },
        identity_cache: arguments.identity_cache,
        batch_rows: arguments.batch_rows,
    };
    let (mut refused, mut changed) = (false, false);
    let scripts = Script::read_all(&arguments.files)?;
    for script in &scripts {
        let plan = dsql_sql::translate(&script.text, &options);
        refused |= !plan.errors.is_empty();
        changed |= !plan.is_unchanged();
        let heading = (scripts.len() > 1).then_some(script.name.as_str());
        output::print(&print(script, heading, &plan))?;
        for error in &plan.errors {
            let (line, column) = script.place(error.offset);
            output::error(&format!("{}:{line}:{column}: {error}", script.name));
        }
    }
    Ok(match (refused, changed) {
        (true, _) => ExitCode::from(REFUSED),
        (false, true) => ExitCode::from(CHANGED),
        (false, false) => ExitCode::SUCCESS,
    })
}

/// The plan as a script. One that is as it was is printed byte for byte.
fn print(script: &Script, heading: Option<&str>, plan: &Plan) -> String {
    let mut text = String::new();
    if let Some(name) = heading {
        let _ = writeln!(text, "-- {name}");
    }
    if plan.is_unchanged() {
        text.push_str(&script.text);
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        return text;
    }
    for error in &plan.errors {
        comment(
            &mut text,
            "error",
            script.place(error.offset).0,
            &error.to_string(),
        );
    }
    for note in &plan.notes {
        comment(
            &mut text,
            "note",
            script.place(note.offset).0,
            &note.to_string(),
        );
    }
    for step in &plan.steps {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = write!(text, "{step}");
    }
    text
}

fn comment(text: &mut String, kind: &str, line: usize, message: &str) {
    // A line break in a message would end the comment.
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = writeln!(text, "-- {kind}, line {line}: {message}");
}
