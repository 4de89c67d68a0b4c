//! For programs. The schema is told by `dsql lint --help`; a field may be added to it, but a change of any other kind
//! takes another [`SCHEMA_VERSION`].

use dsql_sql::{Diagnostic, Remedy};
use serde::Serialize;

use super::{Level, Report, rule};

const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    files: Vec<File<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    written: bool,
    diagnostics: Vec<Found<'a>>,
}

#[derive(Serialize)]
struct Found<'a> {
    rule: &'a str,
    level: Level,
    sqlstate: Option<&'a str>,
    message: Option<&'a str>,
    fix: &'static str,
    advice: &'a str,
    page: Option<String>,
    offset: usize,
    end: usize,
    line: usize,
    column: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    refused: usize,
    fixed: usize,
    review: usize,
    /// What hangs on the catalog.
    apply: usize,
    none: usize,
}

pub(crate) fn json(report: &Report) -> String {
    let document = Document {
        schema_version: SCHEMA_VERSION,
        files: report
            .files
            .iter()
            .map(|file| File {
                path: &file.script.name,
                written: file.is_written,
                diagnostics: file
                    .diagnostics
                    .iter()
                    .map(|diagnostic| found(report, diagnostic))
                    .collect(),
            })
            .collect(),
        summary: Summary {
            files: report.files.len(),
            refused: report.count(Diagnostic::is_refused),
            fixed: report.count(|diagnostic| diagnostic.remedy == Remedy::Fixed),
            review: report.count(|diagnostic| diagnostic.remedy == Remedy::Review),
            apply: report.count(|diagnostic| diagnostic.remedy == Remedy::Apply),
            none: report.count(|diagnostic| diagnostic.remedy == Remedy::None),
        },
    };
    super::pretty(&document)
}

fn found<'a>(report: &Report, diagnostic: &'a Diagnostic) -> Found<'a> {
    let refusal = diagnostic.refusal.as_ref();
    Found {
        rule: diagnostic.rule,
        level: report.level(diagnostic),
        sqlstate: refusal.map(dsql_sql::Refusal::sqlstate),
        message: refusal.map(dsql_sql::Refusal::message),
        fix: match diagnostic.remedy {
            Remedy::Fixed => "fixed",
            Remedy::Review => "review",
            Remedy::Apply => "apply",
            _ => "none",
        },
        advice: &diagnostic.advice,
        page: rule(diagnostic).map(dsql_sql::Rule::page),
        offset: diagnostic.offset,
        end: diagnostic.end,
        line: diagnostic.line,
        column: diagnostic.column,
        end_column: diagnostic.end_column,
    }
}
