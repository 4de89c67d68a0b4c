//! `dsql lint`: what the service would refuse in a script, and what can be done.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use dsql_sql::Remedy;

use crate::error::Error;
use crate::options::Options;
use crate::output;
use crate::report::{self, Checked, Report};
use crate::script::Script;

macro_rules! examples {
    () => {
        "\
Examples:
  dsql lint migrations                    every *.sql below a folder
  dsql lint --fix schema.sql              and write the fixes into the file
  pg_dump --schema-only clinic | dsql lint
  dsql lint --format github migrations    annotations of a pull request
  dsql lint --format sarif migrations     for code scanning"
    };
}

/// Find what Aurora DSQL would refuse in scripts for PostgreSQL, and fix it
///
/// Each statement is looked at as if it were sent by itself, and within BEGIN … COMMIT by the rules of a transaction
/// too. Each finding names the place, the service's own answer, whether it can be fixed, and what is changed or what to
/// write instead. `dsql rules RULE` tells more about the rule in square brackets.
#[derive(Debug, clap::Args)]
#[command(
    after_help = concat!("\
Exit status: 0 nothing to do, 1 something is refused (with --fix: and could not be fixed), 2 usage,
3 nothing is refused but something is to be reviewed (with --fix: all is fixed).

", examples!()),
    after_long_help = concat!("\
Exit status:
  0  nothing to do
  1  something is refused; with --fix: and could not be fixed
  2  usage: a wrong option, or a file that cannot be read or written
  3  nothing is refused, but something is to be reviewed; with --fix: all is fixed

--fix:
  Words are added where that is enough, such as ASYNC. Where something is replaced, left out or done in several steps, a
  comment `-- dsql: to be reviewed: …` stands above it, and what is left out becomes a comment. What cannot be fixed stays
  as it is, with the transaction around it, below a comment `-- dsql: not fixed: …`. All else stays byte for byte. The
  places in the report are those before the change.

--format json, schema_version 1 (fields may be added; none is taken away or changes its meaning):
  {
    \"schema_version\": 1,
    \"files\": [{
      \"path\": \"schema.sql\",          as it was named; <stdin> for standard input
      \"written\": false,              has --fix changed the file?
      \"diagnostics\": [{
        \"rule\": \"serial\",
        \"level\": \"error\",            error: refused; warning: to be reviewed; note: fixed by --fix
        \"sqlstate\": \"42704\",         the service's answer: null where its words are not known
        \"message\": \"type …\",         the same; null where they are not known
        \"fix\": \"review\",             fixed: words are added; review: fixed, but look at it;
                                      apply: dsql apply does it; none: not fixable
        \"advice\": \"serial …\",        what is changed, or why it cannot be had and what to write instead
        \"page\": \"https://…\",         the page of the service's user guide
        \"offset\": 20, \"end\": 26,     bytes from the start of the file, without a byte order mark
        \"line\": 1, \"column\": 21, \"end_column\": 27    from 1, in characters
      }]
    }],
    \"summary\": {\"files\": 1, \"refused\": 1, \"fixed\": 0, \"review\": 1, \"apply\": 0, \"none\": 0}
  }

", examples!())
)]
pub(crate) struct Arguments {
    /// Scripts to read, or folders with *.sql files; - or nothing for standard input.
    #[arg(value_name = "FILE|FOLDER")]
    files: Vec<PathBuf>,

    /// How to report: for people, as JSON (its schema is in --help), as SARIF 2.1.0, or as commands that GitHub Actions
    /// turns into annotations.
    #[arg(
        long,
        value_name = "text|json|sarif|github",
        default_value = "text",
        hide_possible_values = true
    )]
    format: Format,

    /// Write what can be fixed into the files; --help tells how.
    #[arg(long)]
    fix: bool,

    #[command(flatten)]
    options: Options,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
    Sarif,
    Github,
}

const REFUSED: u8 = 1;
const REVIEW: u8 = 3;

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let options = arguments.options.to_sql();
    let scripts = Script::read_all(&arguments.files)?;
    if arguments.fix && !scripts.iter().all(Script::is_file) {
        return Err(Error::FixesStandardInput);
    }
    let mut files = Vec::new();
    for script in scripts {
        let diagnostics = dsql_sql::lint_with(&script.text, &options);
        let mut is_written = false;
        if arguments.fix && !diagnostics.is_empty() {
            let fixed = dsql_sql::fix(&script.text, &options);
            is_written = fixed != script.text;
            if is_written {
                script.write_back(&fixed)?;
            }
        }
        files.push(Checked {
            script,
            diagnostics,
            is_written,
        });
    }
    let report = Report {
        files,
        fixes: arguments.fix,
    };
    output::print(&match arguments.format {
        Format::Text => report::text(&report, output::has_colour()),
        Format::Json => report::json(&report),
        Format::Sarif => report::sarif(&report),
        Format::Github => report::github(&report),
    })?;
    Ok(status(&report))
}

fn status(report: &Report) -> ExitCode {
    let has = |is: &dyn Fn(&dsql_sql::Diagnostic) -> bool| {
        report.diagnostics().any(|(_, diagnostic)| is(diagnostic))
    };
    let (refused, review) = if report.fixes {
        (
            has(&|diagnostic| matches!(diagnostic.remedy, Remedy::None | Remedy::Apply)),
            has(&|diagnostic| diagnostic.remedy == Remedy::Review),
        )
    } else {
        (has(&dsql_sql::Diagnostic::is_refused), has(&|_| true))
    };
    match (refused, review) {
        (true, _) => ExitCode::from(REFUSED),
        (false, true) => ExitCode::from(REVIEW),
        (false, false) => ExitCode::SUCCESS,
    }
}
