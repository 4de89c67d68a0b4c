//! `dsql translate`: what to run on the service instead of a script for PostgreSQL.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use dsql_sql::{Plan, Step};
use serde_json::{Value, json};

use crate::error::Error;
use crate::options::Options;
use crate::output;
use crate::script::Script;

macro_rules! status {
    () => {
        "\
Exit status: 0 unchanged, 1 something cannot be had, 2 usage, 3 changed.

"
    };
}

macro_rules! examples {
    () => {
        "\
Examples:
  dsql translate schema.sql > schema.dsql.sql
  pg_dump --schema-only clinic | dsql translate
  dsql translate --foreign-keys omit migrations
  dsql translate --format json schema.sql | jq '.files[].steps'"
    };
}

/// Print what to run on Aurora DSQL instead of scripts for PostgreSQL
///
/// The plan goes to standard output as SQL, each statement to be run in a transaction of its own, with what was changed
/// as comments. What cannot be had is told on standard error too, with its place. Nothing is run and nothing is dropped
/// silently. `dsql lint --fix` writes it into the files instead, and keeps what surrounds it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = concat!(status!(), examples!()),
    after_long_help = concat!(status!(), "\
--format json, schema_version 1 (fields and kinds of step may be added; none is taken away or changes its meaning):
  {
    \"schema_version\": 1,
    \"files\": [{
      \"path\": \"schema.sql\",          as it was named; <stdin> for standard input
      \"unchanged\": false,            may the script be run as it is?
      \"steps\": [                     in order, each a transaction of its own
        { \"kind\": \"ddl\", \"sql\": \"…\" },
        { \"kind\": \"async_ddl\", \"sql\": \"…\" },        it answers a job id: wait for the job before the next step
        { \"kind\": \"dml\", \"sql\": \"…\" },
        { \"kind\": \"transaction\", \"begin\": \"BEGIN\", \"statements\": [\"…\"] },
        { \"kind\": \"batches\", \"table\": \"pet\",        many rows: one transaction a batch, until no row changes
          \"key_columns_query\": \"SELECT …\",          names the primary key's columns; they stand where the
          \"statement\": \"UPDATE … key IN (…)\" }      batch says key, as a list
      ],
      \"notes\": [{ \"rule\": \"…\", \"message\": \"…\", \"offset\": 0, \"line\": 1, \"column\": 1 }],
      \"errors\": [{ \"rule\": \"…\", \"message\": \"…\", \"offset\": 0, \"line\": 1, \"column\": 1,
                   \"sqlstate\": \"0A000\", \"service_message\": \"…\" }]    null where the service's words are not known
    }]
  }

", examples!())
)]
pub(crate) struct Arguments {
    /// Scripts to read, or folders with *.sql files; - or nothing for standard input.
    #[arg(value_name = "FILE|FOLDER")]
    files: Vec<PathBuf>,

    /// How to print: as a script, or as JSON (its schema is in --help).
    #[arg(
        long,
        value_name = "text|json",
        default_value = "text",
        hide_possible_values = true
    )]
    format: Format,

    #[command(flatten)]
    options: Options,

    /// Rows that one batch of a back-fill or delete changes, 1 to 3000.
    #[arg(long, value_name = "N", default_value_t = dsql_sql::Options::default().batch_rows,
          value_parser = clap::value_parser!(u32).range(1..=3000))]
    batch_rows: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

const REFUSED: u8 = 1;
const CHANGED: u8 = 3;

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let options = dsql_sql::Options {
        batch_rows: arguments.batch_rows,
        ..arguments.options.to_sql()
    };
    let (mut refused, mut changed) = (false, false);
    let scripts = Script::read_all(&arguments.files)?;
    let mut files = Vec::new();
    for script in &scripts {
        let plan = dsql_sql::translate(&script.text, &options);
        refused |= !plan.errors.is_empty();
        changed |= !plan.is_unchanged();
        match arguments.format {
            Format::Text => {
                let heading = (scripts.len() > 1).then_some(script.name.as_str());
                output::print(&print(script, heading, &plan))?;
            }
            Format::Json => files.push(file(script, &plan)),
        }
        for error in &plan.errors {
            let (line, column) = script.place(error.offset);
            output::error(&format!("{}:{line}:{column}: {error}", script.name));
        }
        // A script that stays as it is takes no comments; what there is to know of it is told beside it.
        let beside = plan.is_unchanged() && matches!(arguments.format, Format::Text);
        for note in plan.notes.iter().filter(|_| beside) {
            let (line, column) = script.place(note.offset);
            output::error(&format!("{}:{line}:{column}: note: {note}", script.name));
        }
    }
    if let Format::Json = arguments.format {
        let document = json!({ "schema_version": 1, "files": files });
        output::print(&format!("{document:#}\n"))?;
    }
    Ok(match (refused, changed) {
        (true, _) => ExitCode::from(REFUSED),
        (false, true) => ExitCode::from(CHANGED),
        (false, false) => ExitCode::SUCCESS,
    })
}

fn file(script: &Script, plan: &Plan) -> Value {
    let said = |rule: &str, message: &str, offset: usize| {
        let (line, column) = script.place(offset);
        json!({ "rule": rule, "message": message, "offset": offset, "line": line, "column": column })
    };
    let notes: Vec<_> = plan
        .notes
        .iter()
        .map(|note| said(note.rule, &note.message, note.offset))
        .collect();
    let errors: Vec<_> = plan
        .errors
        .iter()
        .map(|error| {
            let mut value = said(error.rule, &error.message, error.offset);
            let refusal = error.refusal.as_ref();
            value["sqlstate"] = refusal.map(dsql_sql::Refusal::sqlstate).into();
            value["service_message"] = refusal.map(dsql_sql::Refusal::message).into();
            value
        })
        .collect();
    json!({
        "path": script.name,
        "unchanged": plan.is_unchanged(),
        "steps": plan.steps.iter().map(step).collect::<Vec<_>>(),
        "notes": notes,
        "errors": errors,
    })
}

fn step(step: &Step) -> Value {
    match step {
        Step::Ddl(sql) => json!({ "kind": "ddl", "sql": sql }),
        Step::AsyncDdl(sql) => json!({ "kind": "async_ddl", "sql": sql }),
        Step::Dml(sql) => json!({ "kind": "dml", "sql": sql }),
        Step::Transaction(transaction) => json!({
            "kind": "transaction",
            "begin": transaction.begin(),
            "statements": transaction.statements(),
        }),
        Step::Batches(batches) => {
            let key = batches.key_columns();
            let shown = key.clone().unwrap_or_else(|| vec!["key".to_owned()]);
            let place = vec!["…".to_owned(); shown.len()];
            json!({
                "kind": "batches",
                "table": batches.table(),
                "rows": batches.rows(),
                "key_columns": key,
                "key_columns_query": batches.key_columns_query(),
                "statement": batches.statement(&shown, Some(&place), Some(&place)),
            })
        }
        Step::Lookup(lookup) => json!({
            "kind": "lookup",
            "statement": lookup.statement(),
            "query": lookup.query(),
        }),
        other => json!({ "kind": "other", "sql": other.to_string() }),
    }
}

/// The plan as a script. One that is as it was is printed byte for byte.
pub(crate) fn print(script: &Script, heading: Option<&str>, plan: &Plan) -> String {
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
