//! The linter against the peer's, crate `dsql-lint`, on the scripts of `corpus/`.
//!
//! Both are called as libraries, in this process, on one thread, with the same text: a file as its tool wrote it. Both
//! say what the service refuses and what they would make of it.

use std::collections::{BTreeMap, HashSet};
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;
use comfy_table::{CellAlignment, Table, presets};
use dsql_lint::FixResult;
use dsql_sql::{Options, PlanError, Statement};

use crate::corpus::{self, Kind};
use crate::measure::{Comparison, Effort, compare};
use crate::table::Row;

/// What the comparison comes to.
#[derive(Debug)]
pub struct Report {
    /// For the table of everything that is measured.
    pub rows: Vec<Row>,
    /// Speed and what is left, by kind.
    pub kinds: String,
    /// What we leave, by rule.
    pub left: String,
}

pub async fn measure(effort: Effort) -> Result<Report> {
    let kinds = corpus::read()?;
    let options = Options::default();
    let all = || {
        kinds
            .iter()
            .flat_map(|kind| kind.scripts.iter().map(String::as_str))
    };
    let statements: usize = kinds.iter().map(Kind::statements).sum();
    let whole = compared(effort, statements, all, our_lint, their_lint).await?;
    let fixed = compared(effort, statements, all, our_fix, their_fix).await?;
    let mut by_kind = Vec::new();
    for kind in &kinds {
        let scripts = || kind.scripts.iter().map(String::as_str);
        let speed = compared(effort, kind.statements(), scripts, our_lint, their_lint).await?;
        by_kind.push((kind, speed, Left::of(kind, &options)));
    }
    Ok(Report {
        rows: vec![
            Row::ratio(
                format!("lint of {statements} statements: dsql-sql / dsql-lint"),
                "/s",
                whole,
                1.5,
            ),
            Row::compared(
                "lint and write the fixes: dsql-sql / dsql-lint",
                "/s",
                fixed,
            ),
            growth(effort),
        ],
        kinds: by_kind_table(&by_kind),
        left: by_rule(by_kind.iter().map(|(_, _, left)| left)),
    })
}

fn our_lint(script: &str) {
    black_box(dsql_sql::lint(black_box(script)));
}

fn their_lint(script: &str) {
    black_box(dsql_lint::lint_sql(black_box(script)));
}

fn our_fix(script: &str) {
    black_box(dsql_sql::fix(black_box(script), &Options::default()));
}

fn their_fix(script: &str) {
    black_box(dsql_lint::fix_sql(black_box(script)).sql);
}

/// Statements a second of both sides.
async fn compared<'s, S: Iterator<Item = &'s str>>(
    effort: Effort,
    statements: usize,
    scripts: impl Fn() -> S,
    ours: fn(&str),
    theirs: fn(&str),
) -> Result<Comparison> {
    let rate = async |lint: fn(&str)| {
        Ok(rate(effort.round() / 4, statements, || {
            scripts().for_each(lint)
        }))
    };
    compare(
        effort,
        async || rate(ours).await,
        async || rate(theirs).await,
    )
    .await
}

fn rate(length: Duration, statements: usize, pass: impl Fn()) -> f64 {
    let began = Instant::now();
    let mut count = 0;
    while began.elapsed() < length {
        pass();
        count += statements;
    }
    count as f64 / began.elapsed().as_secs_f64()
}

/// How much longer a script takes that is ten times as long.
fn growth(effort: Effort) -> Row {
    let long = match effort {
        Effort::Whole => 100_000,
        Effort::Quick => 2_000,
    };
    let time = |statements: usize| {
        let script: String = (0..statements)
            .map(|n| format!("ALTER TABLE t{n} ADD COLUMN c integer NOT NULL DEFAULT {n};\n"))
            .collect();
        let began = Instant::now();
        our_lint(&script);
        began.elapsed().as_secs_f64()
    };
    time(long / 10);
    let (short, long_time) = (time(long / 10), time(long));
    Row::below(
        format!("lint of {long} statements in one script: the time of a tenth, times"),
        "",
        long_time / short,
        15.0,
    )
}

/// What the two leave as it is, of one kind.
#[derive(Debug, Default)]
struct Left {
    ours: Side,
    theirs: Side,
    /// Statements of the peer's output that our check refuses and the peer does not mention.
    unseen: usize,
    errors: Vec<PlanError>,
}

#[derive(Debug, Default)]
struct Side {
    statements: usize,
    files: usize,
}

impl Side {
    fn add(&mut self, statements: usize) {
        self.statements += statements;
        self.files += usize::from(statements > 0);
    }
}

impl Left {
    fn of(kind: &Kind, options: &Options) -> Self {
        let mut left = Self::default();
        for script in &kind.scripts {
            let plan = dsql_sql::translate(script, options);
            let places: HashSet<usize> = plan
                .errors
                .iter()
                .map(|error| statement_at(script, error.offset))
                .collect();
            left.ours.add(places.len());
            left.errors.extend(plan.errors);
            let fixed = dsql_lint::fix_sql(script);
            let unfixable: HashSet<(usize, &str)> = fixed
                .diagnostics
                .iter()
                .filter(|found| found.fix_result == FixResult::Unfixable)
                .map(|found| (found.line, found.statement.as_str()))
                .collect();
            left.theirs.add(unfixable.len());
            let mentioned: HashSet<String> = unfixable
                .iter()
                .map(|(_, text)| in_one_line(text))
                .collect();
            left.unseen += dsql_sql::split(&fixed.sql)
                .filter(|statement| dsql_sql::check(statement).is_err())
                .filter(|statement| !mentioned.contains(&in_one_line(code(statement))))
                .count();
        }
        left
    }
}

/// Where the statement begins that this place is in.
fn statement_at(script: &str, offset: usize) -> usize {
    dsql_sql::split(script)
        .map(|statement| statement.offset())
        .take_while(|start| *start <= offset)
        .last()
        .unwrap_or(0)
}

/// A statement without the comments before it.
fn code<'a>(statement: &Statement<'a>) -> &'a str {
    let mut text = statement.text();
    while let Some((line, rest)) = text.trim_start().split_once('\n') {
        if !line.starts_with("--") {
            break;
        }
        text = rest;
    }
    text.trim_start()
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn by_kind_table(kinds: &[(&Kind, Comparison, Left)]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header([
        "kind",
        "files",
        "statements",
        "kB",
        "ours MB/s",
        "theirs MB/s",
        "ratio",
        "we leave",
        "they leave",
        "and do not see",
        "files: we leave",
        "they leave",
    ]);
    let mut sums = [0; 8];
    for (kind, speed, left) in kinds {
        let statements = kind.statements();
        let megabytes = |rate: f64| rate / statements.max(1) as f64 * kind.bytes() as f64 / 1e6;
        let counts = [
            kind.scripts.len(),
            statements,
            kind.bytes() / 1000,
            left.ours.statements,
            left.theirs.statements,
            left.unseen,
            left.ours.files,
            left.theirs.files,
        ];
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
        let speed = [megabytes(speed.ours), megabytes(speed.theirs), speed.ratio];
        table.add_row(cells(
            &kind.name,
            counts,
            speed.map(|number| format!("{number:.2}")),
        ));
    }
    table.add_row(cells("all", sums, [(); 3].map(|()| String::new())));
    for column in 1..12 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

fn cells(name: &str, counts: [usize; 8], speed: [String; 3]) -> Vec<String> {
    let counts = counts.map(|count| count.to_string());
    [&[name.to_owned()], &counts[..3], &speed, &counts[3..]].concat()
}

/// How often each rule leaves something, the most frequent first.
fn by_rule<'l>(left: impl Iterator<Item = &'l Left>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for error in left.flat_map(|left| &left.errors) {
        *counts.entry(error.rule).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(rule, count)| (std::cmp::Reverse(*count), *rule));
    let counts: Vec<_> = counts
        .iter()
        .map(|(rule, count)| format!("{rule} {count}"))
        .collect();
    format!("What we leave, by rule: {}", counts.join(", "))
}
