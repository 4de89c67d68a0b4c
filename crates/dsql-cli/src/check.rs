//! `dsql check`: what the service would refuse in a script.

use std::path::PathBuf;
use std::process::ExitCode;

use dsql_sql::transaction::TransactionState;
use dsql_sql::{Kind, Refusal, Verb};

use crate::error::Error;
use crate::output;
use crate::script::Script;

/// Print what Aurora DSQL would refuse in scripts, in its own words
///
/// Each statement is looked at as if it were sent by itself, and within BEGIN … COMMIT by the rules of a transaction.
/// One line is printed for each refusal: file, line, column, SQLSTATE, message and rule. What can be done about it is
/// told by `dsql translate`, and about a rule by `dsql rules RULE`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 nothing is refused, 1 something is, 2 usage.

Examples:
  dsql check migrations/*.sql
  pg_dump --schema-only clinic | dsql check")]
pub(crate) struct Arguments {
    /// Scripts to read; - or nothing for standard input.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let mut found = String::new();
    for script in Script::read_all(&arguments.files)? {
        for (offset, refusal) in refusals(&script.text) {
            let (line, column) = script.place(offset);
            found.push_str(&format!(
                "{}:{line}:{column}: {}: {} [{}]\n",
                script.name,
                refusal.sqlstate(),
                refusal.message(),
                refusal.rule()
            ));
        }
    }
    output::print(&found)?;
    Ok(if found.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn refusals(script: &str) -> Vec<(usize, Refusal)> {
    let mut refusals = Vec::new();
    let mut transaction: Option<TransactionState> = None;
    for statement in dsql_sql::split(script) {
        let kind = statement.kind();
        let offset = statement.offset() + leading_blank(statement.text());
        if let Err(refusal) = dsql_sql::check(&statement) {
            refusals.push((offset, refusal));
        }
        match kind {
            Kind::Transaction(Verb::Begin) => transaction = Some(TransactionState::default()),
            Kind::Transaction(Verb::Commit | Verb::Rollback) => transaction = None,
            _ => {}
        }
        if let Some(Err(refusal)) = transaction
            .as_mut()
            .map(|transaction| transaction.admit(kind))
        {
            refusals.push((offset, refusal));
        }
    }
    refusals
}

/// Bytes of white space and comments before the statement's first word.
fn leading_blank(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
        } else if rest.starts_with("/*") {
            let Some(end) = comment_end(rest) else { break };
            rest = &rest[end..];
        } else {
            break;
        }
    }
    text.len() - rest.len()
}

/// Where a block comment ends; they nest.
fn comment_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0, 0);
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_come_with_their_places() {
        let script = "SELECT 1;\n-- why\n/* a /* b */ */ TRUNCATE pet;\nBEGIN; CREATE TABLE a (b int); \
                      INSERT INTO a VALUES (1); COMMIT; INSERT INTO a VALUES (1);";
        let found: Vec<(&str, String)> = refusals(script)
            .into_iter()
            .map(|(offset, refusal)| (&script[offset..offset + 6], refusal.message().to_owned()))
            .collect();
        assert_eq!(
            found,
            [
                ("TRUNCA", "unsupported statement: Truncate".to_owned()),
                (
                    "INSERT",
                    "ddl and dml are not supported in the same transaction".to_owned()
                ),
            ]
        );
    }
}
