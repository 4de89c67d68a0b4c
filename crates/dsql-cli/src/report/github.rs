//! Commands that GitHub Actions turns into annotations of a pull request.

use std::fmt::Write;

use super::{Level, Report, title};

pub(crate) fn github(report: &Report) -> String {
    let mut text = String::new();
    for (script, diagnostic) in report.diagnostics() {
        let command = match report.level(diagnostic) {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let message = format!(
            "{}\n{}: {}",
            title(diagnostic),
            report.verdict(diagnostic),
            diagnostic.advice
        );
        let _ = writeln!(
            text,
            "::{command} file={},line={},col={},endColumn={},title={}::{}",
            // As the pull request names it.
            property(script.name.strip_prefix("./").unwrap_or(&script.name)),
            diagnostic.line,
            diagnostic.column,
            diagnostic.end_column,
            property(&format!("dsql: {}", diagnostic.rule)),
            data(&message)
        );
    }
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
