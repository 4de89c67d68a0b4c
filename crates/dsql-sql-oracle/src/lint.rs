//! The linter and what it writes.

use dsql_sql::{Diagnostic, Options, Remedy, Statement, check, fix, lint_with, rules};

use crate::Verdict;

/// Places are inside the text, on one line, in order; every statement that the
/// check refuses is named; errors of the plan and places without a remedy come
/// together; and fixing once more changes nothing.
pub fn lint(script: &str, options: &Options) -> Verdict {
    let found = lint_with(script, options);
    let (mut before, mut line, mut counted) = (0, 1, 0);
    for place in &found {
        let Some(text) = script.get(place.offset..place.end) else {
            return Err(format!("{place:?} is outside of {script:?}"));
        };
        ensure!(
            !text.contains(['\n', '\r']),
            "{place:?} is on several lines: {text:?}"
        );
        ensure!(
            place.offset >= before,
            "{place:?} comes after byte {before}"
        );
        before = place.offset;
        line += script[counted..place.offset].matches('\n').count();
        counted = place.offset;
        let start = script[..place.offset].rfind('\n').map_or(0, |at| at + 1);
        let column = script[start..place.offset].chars().count() + 1;
        ensure!(
            (place.line, place.column, place.end_column)
                == (line, column, column + text.chars().count()),
            "{place:?} is at {line}:{column} of {script:?}"
        );
        ensure!(
            rules().any(|rule| rule.id() == place.rule),
            "there is no rule {}",
            place.rule
        );
        let _ = place.to_string();
    }
    named(script, &found)?;
    let plan = dsql_sql::translate(script, options);
    let hopeless = found.iter().any(|place| place.remedy == Remedy::None);
    ensure!(
        hopeless != plan.errors.is_empty(),
        "the linter found {found:#?}\nand the plan is\n{plan}"
    );
    fixed(script, options, found.is_empty())
}

/// Is there a place in each statement that the check refuses?
fn named(script: &str, found: &[Diagnostic]) -> Verdict {
    for piece in dsql_sql::split(script) {
        let Err(refusal) = check(&Statement::new(piece.text())) else {
            continue;
        };
        let end = piece.offset() + piece.text().len();
        let first = found.partition_point(|place| place.offset < piece.offset());
        ensure!(
            found.get(first).is_some_and(|place| place.offset < end),
            "{piece:?} is refused by {} and the linter has nothing to say",
            refusal.rule()
        );
    }
    Ok(())
}

fn fixed(script: &str, options: &Options, is_clean: bool) -> Verdict {
    let once = fix(script, options);
    ensure!(
        !is_clean || once == script,
        "{script:?} is clean, and fixing it gave {once:?}"
    );
    let twice = fix(&once, options);
    ensure!(
        once == twice,
        "{script:?}\nis fixed as {once:?}\nand that as  {twice:?}"
    );
    Ok(())
}
