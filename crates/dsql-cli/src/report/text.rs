//! For people: the place underlined in its line.

use std::fmt::Write;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use dsql_sql::{Diagnostic, Remedy};

use super::{Report, title};
use crate::script::Script;

/// A line longer than this is not shown.
const LONGEST: usize = 1_000;

pub(crate) fn text(report: &Report, colour: bool) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut text = String::new();
    for (script, diagnostic) in report.diagnostics() {
        let _ = writeln!(
            text,
            "{}\n",
            renderer.render(&[group(report, script, diagnostic)])
        );
    }
    if !text.is_empty() {
        let _ = writeln!(text, "{}", summary(report));
    }
    text
}

fn group<'a>(report: &Report, script: &'a Script, diagnostic: &Diagnostic) -> Group<'a> {
    let level = match report.level(diagnostic) {
        super::Level::Error => Level::ERROR,
        super::Level::Warning => Level::WARNING,
        super::Level::Note => Level::NOTE,
    };
    let advice = format!("{}: {}", report.verdict(diagnostic), diagnostic.advice);
    let group = level.primary_title(title(diagnostic)).id(diagnostic.rule);
    let (line, start) = script.line(diagnostic.line);
    let span = diagnostic.offset.saturating_sub(start)..diagnostic.end.saturating_sub(start);
    let is_shown = line.len() <= LONGEST && line.get(span.clone()).is_some();
    if is_shown {
        let snippet = Snippet::source(line)
            .line_start(diagnostic.line)
            .path(&script.name)
            .annotation(AnnotationKind::Primary.span(span));
        group.element(snippet).element(Level::HELP.message(advice))
    } else {
        let origin = Origin::path(&script.name)
            .line(diagnostic.line)
            .char_column(diagnostic.column);
        group.element(origin).element(Level::HELP.message(advice))
    }
}

fn summary(report: &Report) -> String {
    let fixed = report.count(|diagnostic| diagnostic.remedy == Remedy::Fixed);
    let review = report.count(|diagnostic| diagnostic.remedy == Remedy::Review);
    let apply = report.count(|diagnostic| diagnostic.remedy == Remedy::Apply);
    let none = report.count(|diagnostic| diagnostic.remedy == Remedy::None);
    let count = fixed + review + apply + none;
    let apply = match apply {
        0 => String::new(),
        apply => format!("{apply} for dsql apply, "),
    };
    let places = |count: usize| match count {
        1 => "1 place".to_owned(),
        count => format!("{count} places"),
    };
    if report.fixes {
        let written = report.files.iter().filter(|file| file.is_written).count();
        let files = if written == 1 { "file" } else { "files" };
        return format!(
            "{}: {fixed} fixed, {review} fixed and to be reviewed, {apply}{none} not fixed; {written} {files} written",
            places(count)
        );
    }
    let hint = if fixed + review > 0 {
        "; --fix writes the fixes into the files"
    } else {
        ""
    };
    format!(
        "{}: {fixed} can be fixed, {review} can be fixed and then be reviewed, {apply}{none} cannot be fixed{hint}",
        places(count)
    )
}
