//! `dsql rules`: the rulebook.

use std::fmt::Write;
use std::process::ExitCode;

use clap::ValueEnum;
use dsql_sql::Rule;

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
                .ok_or_else(|| Error::NoRule(id.clone()))?,
        ),
        None => None,
    };
    output::print(&match (one, arguments.format) {
        (Some(rule), Format::Text) => explained(rule),
        (Some(rule), Format::Markdown) => page(std::iter::once(rule)),
        (None, Format::Text) => list(),
        (None, Format::Markdown) => page(dsql_sql::rules()),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn explained(rule: &Rule) -> String {
    format!(
        "{}\n  {}\n  known since {}\n  {}\n",
        rule.id(),
        rule.summary(),
        rule.since(),
        rule.page()
    )
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

/// The documentation page. It says the same as long as the rules do, so that it can be kept and compared.
fn page(rules: impl Iterator<Item = &'static Rule>) -> String {
    let mut text = String::from(
        "# Rules\n\n\
         <!-- Printed by `dsql rules --format markdown`. -->\n\n\
         What Aurora DSQL refuses, by the rules of `dsql-sql`. `dsql lint` reports them, `dsql translate` and the\n\
         adapters apply their fixes, and the local cluster answers with their refusals. *Since* is the day from which a\n\
         rule is known to hold; the page is the one of the service's user guide.\n\n\
         | rule | what it says | since | page |\n\
         |---|---|---|---|\n",
    );
    for rule in rules {
        let url = rule.page();
        let name = url.rsplit('/').next().unwrap_or_default();
        let _ = writeln!(
            text,
            "| <a id=\"{id}\"></a>`{id}` | {} | {} | [{}]({url}) |",
            rule.summary().replace('|', "\\|"),
            rule.since(),
            name.trim_end_matches(".html"),
            id = rule.id(),
        );
    }
    text
}
