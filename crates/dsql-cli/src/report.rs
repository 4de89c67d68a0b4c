//! What a lint has found, in the formats it can be read in.

mod github;
mod json;
mod sarif;
mod text;

use dsql_sql::{Diagnostic, Remedy};

use crate::script::Script;

pub(crate) use github::github;
pub(crate) use json::json;
pub(crate) use sarif::sarif;
pub(crate) use text::text;

#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) files: Vec<Checked>,
    /// Was what can be fixed also fixed?
    pub(crate) fixes: bool,
}

/// A script as it was before any fix.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) script: Script,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) is_written: bool,
}

impl Report {
    pub(crate) fn diagnostics(&self) -> impl Iterator<Item = (&Script, &Diagnostic)> {
        self.files.iter().flat_map(|file| {
            let of_script = |diagnostic| (&file.script, diagnostic);
            file.diagnostics.iter().map(of_script)
        })
    }

    fn count(&self, is: impl Fn(&Diagnostic) -> bool) -> usize {
        self.diagnostics()
            .filter(|(_, diagnostic)| is(diagnostic))
            .count()
    }

    fn level(&self, diagnostic: &Diagnostic) -> Level {
        match diagnostic.remedy {
            Remedy::Fixed if self.fixes => Level::Note,
            Remedy::Review if self.fixes => Level::Warning,
            _ if diagnostic.is_refused() => Level::Error,
            _ => Level::Warning,
        }
    }

    /// What has become of it, or what can.
    fn verdict(&self, diagnostic: &Diagnostic) -> &'static str {
        match (diagnostic.remedy, self.fixes) {
            (Remedy::Fixed, true) => "fixed",
            (Remedy::Fixed, false) => "can be fixed",
            (Remedy::Review, true) => "fixed, to be reviewed",
            (Remedy::Review, false) => "can be fixed, to be reviewed",
            (Remedy::Apply, _) => "dsql apply does it",
            (_, true) => "not fixed",
            (_, false) => "cannot be fixed",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Error,
    Warning,
    Note,
}

/// The service's answer, or what its rule says.
fn title(diagnostic: &Diagnostic) -> String {
    match &diagnostic.refusal {
        Some(refusal) => format!("{} (SQLSTATE {})", refusal.message(), refusal.sqlstate()),
        None => rule(diagnostic)
            .map_or("", |rule| rule.summary())
            .to_owned(),
    }
}

fn rule(diagnostic: &Diagnostic) -> Option<&'static dsql_sql::Rule> {
    dsql_sql::rules().find(|rule| rule.id() == diagnostic.rule)
}

/// As JSON, with a line end.
fn pretty(document: &impl serde::Serialize) -> String {
    // Only a map with keys that are no strings could fail, and there is none.
    serde_json::to_string_pretty(document).map_or_else(|_| String::new(), |text| text + "\n")
}
