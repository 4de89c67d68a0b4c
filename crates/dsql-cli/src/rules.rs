//! `dsql rules`: the rulebook.

mod example;

use std::fmt::Write;
use std::process::ExitCode;

use clap::ValueEnum;
use dsql_sql::Rule;
use dsql_sql::conformance::Answer;

use self::example::{Example, Examples};
use crate::error::Error;
use crate::output;

/// List the rulebook: what Aurora DSQL refuses, since when that is known, and where it is documented
///
/// The check, the translation and the local cluster all go by these rules. Their identifiers stand in square brackets
/// in what those print. With the name of a rule, an example follows: what is refused, in which words, and the fix.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dsql rules
  dsql rules index_async
  dsql rules --format markdown > rules.md")]
pub(crate) struct Arguments {
    /// Tell about this rule only.
    rule: Option<String>,

    /// How to print: a line a rule, or a page of documentation.
    #[arg(
        long,
        value_name = "text|markdown",
        default_value = "text",
        hide_possible_values = true
    )]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Markdown,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let one = match &arguments.rule {
        Some(id) => Some(
            dsql_sql::rules()
                .find(|rule| rule.id() == id)
                .ok_or_else(|| Error::NoRule {
                    named: id.clone(),
                    near: near(id),
                })?,
        ),
        None => None,
    };
    output::print(&match (one, arguments.format) {
        (Some(rule), Format::Text) => explained(rule, &Examples::of_the_tables()),
        (Some(rule), Format::Markdown) => page(&[rule], &Examples::of_the_tables()),
        (None, Format::Text) => list(),
        (None, Format::Markdown) => page(
            &dsql_sql::rules().collect::<Vec<_>>(),
            &Examples::of_the_tables(),
        ),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Rules whose identifier or summary has the word, five at most.
fn near(word: &str) -> Vec<&'static str> {
    let word = word.to_ascii_lowercase().replace([' ', '-'], "_");
    let words = word.replace('_', " ");
    let speaks = |rule: &&dsql_sql::Rule| {
        rule.id().contains(&word) || rule.summary().to_ascii_lowercase().contains(&words)
    };
    let rules = dsql_sql::rules().filter(speaks).map(|rule| rule.id());
    rules.take(5).collect()
}

fn list() -> String {
    let ids = dsql_sql::rules().map(|rule| rule.id().len());
    let width = ids.max().unwrap_or(0);
    let mut text = String::new();
    for rule in dsql_sql::rules() {
        let (id, since, summary) = (rule.id(), rule.since(), rule.summary());
        let _ = writeln!(text, "{id:width$}  {since}  {summary}");
    }
    text
}

/// One rule with its example.
fn explained(rule: &Rule, examples: &Examples) -> String {
    let mut text = format!("{}: {}\n", rule.id(), rule.summary());
    if let Some(example) = examples.get(rule) {
        let (when, words) = match example.row.answer {
            Answer::Refused(words) => ("", format!("with\n    {words}")),
            Answer::Presumed(words) => ("", format!("presumably with\n    {words}")),
            Answer::AtRunTime(Some(words)) => (" at run time", format!("with\n    {words}")),
            _ => ("", "in words that are not known".to_owned()),
        };
        let _ = writeln!(text, "\nRefused{when}");
        indent(&mut text, &example.sql());
        let _ = writeln!(text, "{words}");
        if when.is_empty() {
            let _ = writeln!(text, "\nTranslated");
            indent(&mut text, &example.translated());
        }
    }
    let _ = writeln!(text, "\nSince   {}", rule.since());
    let _ = writeln!(text, "Page    {}", rule.page());
    if let Some(example) = examples.get(rule) {
        let _ = writeln!(text, "Source  {}", example.row.source);
    }
    text
}

fn indent(text: &mut String, block: &str) {
    for line in block.trim_end().lines() {
        if line.is_empty() {
            text.push('\n');
        } else {
            let _ = writeln!(text, "    {line}");
        }
    }
}

/// What the tables are about, in the order of the page.
const SUBJECTS: &[(&str, &str)] = &[
    ("types.txt", "Types"),
    ("create-table.txt", "CREATE TABLE"),
    ("foreign-keys.txt", "Foreign keys"),
    ("sequences.txt", "Identity columns and sequences"),
    ("indexes.txt", "Indexes"),
    ("alter-table.txt", "ALTER TABLE"),
    ("objects.txt", "Other objects"),
    ("queries.txt", "Queries"),
    ("transactions.txt", "Transactions"),
    ("ddl.txt", "DDL in transactions"),
    ("limits.txt", "Limits and conflicts"),
    ("session.txt", "Sessions"),
    ("jobs.txt", "Jobs"),
];

/// The documentation page. It says the same as long as the rules do, so that it can be kept and compared.
fn page(rules: &[&'static Rule], examples: &Examples) -> String {
    let mut text = String::from(
        "# Rules\n\n\
         <!-- Printed by `dsql rules --format markdown`. -->\n\n\
         What Aurora DSQL refuses, by the rules of `dsql-sql`. `dsql lint` reports them, `dsql translate` and the\n\
         adapters apply their fixes, and the local cluster answers with their refusals; `dsql rules NAME` shows an example\n\
         with its fix. *Since* is the day from which a rule is known to hold, with the page of the service's user guide.\n\
         What the service was seen to answer stands in [conformance](../conformance/README.md).\n\n\
         | fix | of the example |\n\
         |---|---|\n\
         | added | words are added, such as ASYNC; all that was written stays |\n\
         | rewritten | something is replaced, left out or done in several steps, to be looked at |\n\
         | by plan | the steps hang on what the catalog holds: `dsql apply` looks it up |\n\
         | by hand | it has to be written otherwise, as the advice of the linter says |\n",
    );
    for (file, subject) in SUBJECTS {
        section(&mut text, subject, rules, examples, |example| {
            example.is_some_and(|example| example.row.file == *file)
        });
    }
    section(
        &mut text,
        "What refuses nothing, and what no server sees",
        rules,
        examples,
        |example| example.is_none(),
    );
    text
}

fn section(
    text: &mut String,
    subject: &str,
    rules: &[&'static Rule],
    examples: &Examples,
    belongs: impl Fn(Option<&Example>) -> bool,
) {
    let mut rules = rules
        .iter()
        .filter(|rule| belongs(examples.get(rule)))
        .peekable();
    if rules.peek().is_none() {
        return;
    }
    let _ = writeln!(
        text,
        "\n## {subject}\n\n| rule | what it says | the service answers | fix | since |\n|---|---|---|---|---|"
    );
    for rule in rules {
        let example = examples.get(rule);
        let (answer, fix) = match example {
            Some(example) => (answered(example), example.fix(rule)),
            None => (String::new(), ""),
        };
        let _ = writeln!(
            text,
            "| <a id=\"{id}\"></a>`{id}` | {} | {answer} | {fix} | [{}]({}) |",
            cell(rule.summary()),
            rule.since(),
            rule.page(),
            id = rule.id(),
        );
    }
}

/// The service's words, as a table takes them.
fn answered(example: &Example) -> String {
    match example.row.answer {
        Answer::Refused(words) | Answer::AtRunTime(Some(words)) => {
            format!("{} `{}`", words.sqlstate, cell(words.message))
        }
        Answer::Presumed(words) => {
            format!("presumably {} `{}`", words.sqlstate, cell(words.message))
        }
        _ => "in words that are not known".to_owned(),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(id: &str) -> String {
        let rule = dsql_sql::rules().find(|rule| rule.id() == id).unwrap();
        explained(rule, &Examples::of_the_tables())
    }

    #[test]
    fn a_rule_is_told_with_an_example_its_refusal_and_its_fix() {
        let text = about("index_async");
        assert!(text.contains(
            "\nRefused\n    CREATE INDEX i ON t (a);\nwith\n    0A000 unsupported mode."
        ));
        assert!(text.contains("\nTranslated\n"));
        assert!(text.contains("\n    CREATE INDEX ASYNC i ON t (a);\n"));
        assert!(text.contains("\nSource  G:"));
    }

    #[test]
    fn what_is_not_known_is_said_to_be_so() {
        assert!(about("do_block").contains("\nin words that are not known\n"));
        assert!(about("prepare").contains("\npresumably with\n    0A000 "));
        assert!(about("row_limit").contains("\nRefused at run time\n"));
    }

    #[test]
    fn the_page_has_every_rule_once_in_a_section() {
        let rules: Vec<_> = dsql_sql::rules().collect();
        let page = page(&rules, &Examples::of_the_tables());
        for rule in rules {
            let anchor = format!("<a id=\"{}\">", rule.id());
            assert_eq!(page.matches(&anchor).count(), 1, "{}", rule.id());
        }
    }
}
