//! A script as the linter sees it: what would be refused, and what can be done.

mod fix;

use std::collections::{HashMap, HashSet, VecDeque};
use std::iter::Peekable;
use std::ops::Range;

use crate::lex::{Lexer, skip_blank};
use crate::plan::{Note, Options, Plan, PlanError};
use crate::rule::{Finding, Findings, Fix, Subject};
use crate::rules::{self, RULES};
use crate::transaction::TransactionState;
use crate::translate::{Seen, translate_and_see};
use crate::{Kind, Refusal, Statement, Verb, split};

pub use fix::fix;

/// Everything in a script that the service would refuse, in order of text,
/// with what [`translate`](crate::translate()) makes of it. [`lint_with`] takes other options
/// than the default ones.
///
/// Where [`check`](crate::check) answers as the service does, with the first
/// refusal of one statement, this names every place: each statement as if it
/// were sent by itself, and within `BEGIN … COMMIT` by the rules of a
/// transaction too. It knows no rules of its own. Never fails; the time is
/// linear in the script.
///
/// ```
/// use dsql_sql::{Remedy, lint};
///
/// let found = lint("CREATE TABLE pet (id bigint PRIMARY KEY);\nCREATE INDEX ON pet (name);\nVACUUM pet;");
/// let places: Vec<_> = found.iter().map(|found| (found.line, found.column, found.rule)).collect();
/// assert_eq!(places, [(2, 8, "index_async"), (3, 1, "vacuum")]);
/// assert_eq!(found[0].remedy, Remedy::Fixed);
/// assert_eq!(found[1].remedy, Remedy::None);
/// println!("{}", found[0]);
/// ```
pub fn lint(sql: &str) -> Vec<Diagnostic> {
    lint_with(sql, &Options::default())
}

/// [`lint`] with options, such as foreign keys to be left out.
///
/// ```
/// use dsql_sql::{ForeignKeys, Options, lint, lint_with};
///
/// let script = "CREATE TABLE visit (pet bigint REFERENCES pet)";
/// assert!(lint(script).is_empty());
///
/// let options = Options { foreign_keys: ForeignKeys::Omit, ..Options::default() };
/// let found = lint_with(script, &options);
/// assert_eq!(found[0].rule, "foreign_keys");
/// assert!(!found[0].is_refused());
/// ```
pub fn lint_with(sql: &str, options: &Options) -> Vec<Diagnostic> {
    let statements: Vec<_> = split(sql).collect();
    let (plan, seen) = translate_and_see(statements.clone(), options);
    let units: Vec<_> = units(&statements).collect();
    let (said, mut seen) = (Said::of(plan, &units), seen.into_iter().peekable());
    let mut diagnostics = Vec::new();
    for unit in units {
        look_at(unit, &said, &mut seen, options, &mut diagnostics);
    }
    set_places(sql, &mut diagnostics);
    diagnostics
}

/// One place in a script that the service would refuse, or that the options
/// ask to change.
///
/// `Display` is one line without the place: the service's answer, where its
/// words are known, or else the advice.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The rule; see [`rules`](crate::rules()).
    pub rule: &'static str,
    /// Where the place begins, in bytes from the start of the script.
    pub offset: usize,
    /// Where it ends, in bytes; always on the same line.
    pub end: usize,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The column after the last one of the place.
    pub end_column: usize,
    /// The service's answer. `None` where its words are not known, and where
    /// the service would accept it and only the options ask for the change.
    pub refusal: Option<Refusal>,
    /// What translation makes of it.
    pub remedy: Remedy,
    /// What is changed and what then behaves differently; or why it cannot
    /// be had and what to write instead.
    pub advice: String,
}

impl Diagnostic {
    /// Must the script change? Not where only the options ask for it.
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some() || matches!(self.remedy, Remedy::None | Remedy::Apply)
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.refusal {
            Some(refusal) => write!(
                f,
                "{}: {} [{}]",
                refusal.sqlstate(),
                refusal.message(),
                self.rule
            ),
            None => write!(f, "{} [{}]", self.advice, self.rule),
        }
    }
}

/// What translation makes of a place that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Remedy {
    /// Words are added, such as ASYNC; all that was written stays, in one
    /// statement.
    Fixed,
    /// Fixed, but something that was written is replaced, left out or done in
    /// several steps, so somebody should look at it.
    Review,
    /// Several steps that hang on what the catalog holds, so that no file can
    /// say them: `dsql apply` and the adapters look it up. So it is too with
    /// what stands in the same statement or transaction.
    Apply,
    /// None: it has to be written otherwise, as the advice says. So it is too
    /// with what can be fixed in the same statement or transaction, since a
    /// plan with errors is not to be run.
    None,
}

/// What cannot be told apart: a statement, or all from BEGIN to the end of
/// the transaction.
fn units<'s, 'a>(mut rest: &'s [Statement<'a>]) -> impl Iterator<Item = &'s [Statement<'a>]> {
    std::iter::from_fn(move || {
        let first = rest.first()?;
        let count = if first.kind() == Kind::Transaction(Verb::Begin) {
            let ends = |statement: &Statement<'_>| {
                matches!(
                    statement.kind(),
                    Kind::Transaction(Verb::Commit | Verb::Rollback)
                )
            };
            rest.iter().position(ends).map_or(rest.len(), |at| at + 1)
        } else {
            1
        };
        let (unit, others) = rest.split_at(count);
        rest = others;
        Some(unit)
    })
}

/// The bytes of the script that a stretch of statements covers.
fn span(unit: &[Statement<'_>]) -> Range<usize> {
    let start = unit.first().map_or(0, Statement::offset);
    let end = unit
        .last()
        .map_or(start, |last| last.offset() + last.text().len());
    start..end.max(start)
}

/// What a plan has to say, by place.
struct Said {
    notes: Vec<Note>,
    errors: Vec<PlanError>,
    /// Where the units begin that hang on the catalog, and those that cannot
    /// be had; with each all that moved into it or out of it.
    looked_up: Vec<usize>,
    unfixed: Vec<usize>,
}

impl Said {
    fn of(plan: Plan, units: &[&[Statement<'_>]]) -> Self {
        let Plan {
            mut notes,
            mut errors,
            lookups,
            moved,
            ..
        } = plan;
        let looked_up = together(units, &moved, lookups.into_iter());
        let unfixed = together(units, &moved, errors.iter().map(|error| error.offset));
        notes.sort_by_key(|note| note.offset);
        errors.sort_by_key(|error| error.offset);
        Self {
            notes,
            errors,
            looked_up,
            unfixed,
        }
    }

    fn notes(&self, span: &Range<usize>) -> &[Note] {
        let first = self.notes.partition_point(|note| note.offset < span.start);
        let last = self.notes.partition_point(|note| note.offset < span.end);
        &self.notes[first..last.max(first)]
    }

    fn is_looked_up(&self, span: &Range<usize>) -> bool {
        holds(&self.looked_up, span)
    }

    /// Does it come out as the service accepts it?
    fn is_fixed(&self, span: &Range<usize>) -> bool {
        !holds(&self.unfixed, span)
    }

    fn errors(&self, span: &Range<usize>) -> &[PlanError] {
        let first = self
            .errors
            .partition_point(|error| error.offset < span.start);
        let last = self.errors.partition_point(|error| error.offset < span.end);
        &self.errors[first..last.max(first)]
    }
}

/// The unit that a place of the script belongs to.
fn unit_at(units: &[&[Statement<'_>]], offset: usize) -> usize {
    let after = units.partition_point(|unit| span(unit).start <= offset);
    after.saturating_sub(1)
}

/// Where the units of some places begin, and with each unit those that moved
/// into it or that it moved into.
fn together(
    units: &[&[Statement<'_>]],
    moved: &[(usize, usize)],
    places: impl Iterator<Item = usize>,
) -> Vec<usize> {
    let mut next: Vec<usize> = places.map(|place| unit_at(units, place)).collect();
    if next.is_empty() {
        return next;
    }
    let mut others: HashMap<usize, Vec<usize>> = HashMap::new();
    for (moved, home) in moved {
        let (moved, home) = (unit_at(units, *moved), unit_at(units, *home));
        others.entry(moved).or_default().push(home);
        others.entry(home).or_default().push(moved);
    }
    let mut reached = HashSet::new();
    while let Some(unit) = next.pop() {
        if reached.insert(unit) {
            next.extend(others.remove(&unit).unwrap_or_default());
        }
    }
    let mut starts: Vec<usize> = reached
        .into_iter()
        .filter_map(|unit| units.get(unit))
        .map(|unit| span(unit).start)
        .collect();
    starts.sort_unstable();
    starts
}

/// What the translation saw, in order of text.
type SeenBefore = Peekable<std::vec::IntoIter<Seen>>;

/// Is one of these places, in order, in this stretch?
fn holds(places: &[usize], span: &Range<usize>) -> bool {
    let first = places.partition_point(|offset| *offset < span.start);
    places.get(first).is_some_and(|offset| *offset < span.end)
}

fn look_at(
    unit: &[Statement<'_>],
    said: &Said,
    seen: &mut SeenBefore,
    options: &Options,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(first) = unit.first() else { return };
    let is_fixed = said.is_fixed(&span(unit));
    let first_of_unit = diagnostics.len();
    let mut transaction = (first.kind() == Kind::Transaction(Verb::Begin))
        .then(|| (TransactionState::default(), cut(first, said)));
    for (at, statement) in unit.iter().enumerate() {
        let kind = statement.kind();
        let before = diagnostics.len();
        let seen = see(statement, seen, options);
        statement_alone(statement, is_fixed, said, seen, diagnostics);
        // A BEGIN within begins nothing.
        let is_inner_begin = at > 0 && kind == Kind::Transaction(Verb::Begin);
        if let Some((transaction, advice)) = &mut transaction
            && !is_inner_begin
            && let Err(refusal) = transaction.admit(kind)
        {
            let text = statement.text();
            let start = skip_blank(text.as_bytes(), 0).min(text.len());
            diagnostics.push(Diagnostic {
                rule: refusal.rule(),
                advice: advice.unwrap_or_else(|| summary(refusal.rule())).to_owned(),
                refusal: Some(refusal),
                remedy: if is_fixed {
                    Remedy::Review
                } else {
                    Remedy::None
                },
                ..place(statement, start, first_line(text, start))
            });
            diagnostics[before..].sort_by_key(|diagnostic| diagnostic.offset);
        }
    }
    if is_fixed && said.is_looked_up(&span(unit)) {
        for found in &mut diagnostics[first_of_unit..] {
            found.remedy = Remedy::Apply;
        }
    }
}

/// What the plan says of the transaction that this statement begins.
fn cut<'s>(begin: &Statement<'_>, said: &'s Said) -> Option<&'s str> {
    said.notes(&span(std::slice::from_ref(begin)))
        .iter()
        .find(|note| note.rule == rules::transaction_block::ID)
        .map(|note| note.message.as_str())
}

fn summary(id: &str) -> &'static str {
    RULES
        .iter()
        .find(|rule| rule.id() == id)
        .map_or("", |rule| rule.summary())
}

/// What the rules find in a statement: known from its translation, unless that
/// began with another text.
fn see(statement: &Statement<'_>, seen: &mut SeenBefore, options: &Options) -> Seen {
    let offset = statement.offset();
    while seen.next_if(|seen| seen.offset < offset).is_some() {}
    if let Some(seen) = seen.next_if(|seen| seen.offset == offset) {
        return seen;
    }
    let subject = Subject::new(statement.text(), options, None);
    let mut findings = Findings::default();
    for rule in RULES
        .iter()
        .filter(|rule| rule.forms.contains(&subject.form))
    {
        rule.find(&subject, &mut findings);
    }
    Seen {
        offset,
        start: subject.start(),
        found: findings.found,
    }
}

fn statement_alone(
    statement: &Statement<'_>,
    is_fixed: bool,
    said: &Said,
    seen: Seen,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let before = diagnostics.len();
    let span = span(std::slice::from_ref(statement));
    let (notes, errors) = (said.notes(&span), said.errors(&span));
    let text = statement.text();
    let Seen {
        start: first,
        found: mut findings,
        ..
    } = seen;
    findings.sort_by_key(|finding| finding.at);
    let more = if is_fixed {
        further(notes, &findings)
    } else {
        Vec::new()
    };
    let mut blamed: HashMap<&str, VecDeque<&PlanError>> = HashMap::new();
    for error in errors {
        blamed.entry(error.rule).or_default().push_back(error);
    }
    for (number, finding) in findings.into_iter().enumerate() {
        let start = finding.at.min(text.len());
        let mut advice = message(&finding).to_owned();
        let remedy = if is_fixed {
            if number == 0 {
                for message in &more {
                    advice.push_str("; ");
                    advice.push_str(message);
                }
            }
            remedy(&finding.fix, more.is_empty())
        } else {
            let error = blamed.get_mut(finding.rule).and_then(VecDeque::pop_front);
            match error {
                Some(error) => advice.clone_from(&error.message),
                None => advice.push_str("; not before the rest can be translated too"),
            }
            Remedy::None
        };
        let end = end_of_place(text, start, first, &finding.fix);
        diagnostics.push(Diagnostic {
            rule: finding.rule,
            refusal: finding.refusal,
            remedy,
            advice,
            ..place(statement, start, end)
        });
    }
    for error in blamed.into_values().flatten() {
        let start = (error.offset - span.start).max(first);
        diagnostics.push(Diagnostic {
            rule: error.rule,
            refusal: error.refusal.clone(),
            remedy: Remedy::None,
            advice: error.message.clone(),
            ..place(statement, start, first_line(text, start))
        });
    }
    diagnostics[before..].sort_by_key(|diagnostic| (diagnostic.offset, diagnostic.rule));
}

/// What later rounds of the translation had to add.
fn further<'n>(notes: &'n [Note], findings: &[Finding]) -> Vec<&'n str> {
    let mut known: HashSet<&str> = findings.iter().map(message).collect();
    notes
        .iter()
        // It speaks of the transaction, not of the statement that begins it.
        .filter(|note| note.rule != rules::transaction_block::ID)
        .map(|note| note.message.as_str())
        .filter(|message| known.insert(message))
        .collect()
}

fn message(finding: &Finding) -> &str {
    match &finding.fix {
        Fix::Edits(_, message)
        | Fix::Steps(_, message)
        | Fix::Drop(message)
        | Fix::Refuse(message) => message,
    }
}

fn remedy(fix: &Fix, is_all: bool) -> Remedy {
    match fix {
        Fix::Edits(edits, _) if is_all && edits.iter().all(|edit| edit.start == edit.end) => {
            Remedy::Fixed
        }
        _ => Remedy::Review,
    }
}

/// A place that spans what is edited there, a token, or the statement's first
/// line, whatever fits.
fn end_of_place(text: &str, start: usize, first: usize, fix: &Fix) -> usize {
    if start <= first {
        return first_line(text, start);
    }
    let edited = match fix {
        Fix::Edits(edits, _) => edits
            .iter()
            .find(|edit| edit.start <= start && start < edit.end)
            .map(|edit| edit.end),
        _ => None,
    };
    let token = || {
        Lexer::starting_at(text, start)
            .next()
            .map(|token| token.end)
    };
    let end = edited.or_else(token).unwrap_or(start);
    text[start..end]
        .find(['\n', '\r'])
        .map_or(end, |newline| start + newline)
}

/// The end of the line, without its comment.
fn first_line(text: &str, start: usize) -> usize {
    let line = text[start..]
        .find(['\n', '\r'])
        .map_or(text.len(), |end| start + end);
    Lexer::starting_at(text, start)
        .take_while(|token| token.start < line)
        .last()
        .map_or(line, |token| token.end.min(line))
}

/// A diagnostic's place; all else is filled in by the caller, and lines and
/// columns by [`set_places`].
fn place(statement: &Statement<'_>, start: usize, end: usize) -> Diagnostic {
    Diagnostic {
        rule: "",
        offset: statement.offset() + start,
        end: statement.offset() + end.max(start),
        line: 1,
        column: 1,
        end_column: 1,
        refusal: None,
        remedy: Remedy::None,
        advice: String::new(),
    }
}

/// Lines and columns, in one walk over the script: diagnostics are in order.
fn set_places(sql: &str, diagnostics: &mut [Diagnostic]) {
    let (mut at, mut line, mut column) = (0, 1, 1);
    for diagnostic in diagnostics {
        let passed = sql.get(at..diagnostic.offset).unwrap_or_default();
        if let Some(newline) = passed.rfind('\n') {
            line += passed.matches('\n').count();
            column = 1 + passed[newline + 1..].chars().count();
        } else {
            column += passed.chars().count();
        }
        at = at.max(diagnostic.offset);
        diagnostic.line = line;
        diagnostic.column = column;
        let underlined = sql.get(diagnostic.offset..diagnostic.end);
        diagnostic.end_column = column + underlined.unwrap_or_default().chars().count();
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::ForeignKeys;

    /// Each place with what is underlined, the rule and the remedy. The words are the rules' own.
    fn linted(sql: &str) -> String {
        let lines: Vec<String> = lint(sql)
            .into_iter()
            .map(|found| {
                format!(
                    "{}:{}-{} `{}` {} {:?}",
                    found.line,
                    found.column,
                    found.end_column,
                    &sql[found.offset..found.end],
                    found.rule,
                    found.remedy
                )
            })
            .collect();
        lines.join("\n")
    }

    #[test]
    fn what_the_service_accepts_is_not_mentioned() {
        for script in [
            "",
            ";; -- nothing",
            "SELECT 1; COMMIT",
            "BEGIN; CREATE TABLE pet (id bigint PRIMARY KEY); COMMIT;",
            "BEGIN; INSERT INTO pet VALUES (1); UPDATE pet SET id = 2; COMMIT;",
            "CREATE TABLE a (id uuid PRIMARY KEY); CREATE TABLE b (id uuid PRIMARY KEY);",
            "CREATE INDEX ASYNC ON pet (name)",
        ] {
            assert_eq!(linted(script), "", "{script}");
        }
    }

    #[test]
    fn every_place_of_a_statement_is_named() {
        assert_snapshot!(linted("-- pets\nCREATE TABLE pet (\n  id serial PRIMARY KEY, -- é\n  tags text[],\n  owner int GENERATED ALWAYS AS IDENTITY\n);"), @r#"
        3:6-12 `serial` serial Review
        4:8-14 `text[]` array_column Review
        5:9-12 `int` identity_type Review
        5:23-29 `ALWAYS` identity_cache Fixed
        "#);
    }

    #[test]
    fn words_that_are_only_added_need_no_review() {
        assert_snapshot!(linted("CREATE INDEX pet_name ON pet (name); CREATE INDEX CONCURRENTLY pet_name ON pet (name)"), @r#"
        1:8-13 `INDEX` index_async Fixed
        1:51-63 `CONCURRENTLY` index_concurrently Review
        "#);
    }

    #[test]
    fn a_statement_with_an_error_is_not_fixed_in_part() {
        assert_snapshot!(linted("CREATE TABLE pet (id serial PRIMARY KEY, spot point);"), @r#"
        1:22-28 `serial` serial None
        1:47-52 `point` column_type None
        "#);
    }

    #[test]
    fn the_rules_of_a_transaction_hold_within_it() {
        assert_snapshot!(linted("BEGIN;\nCREATE TABLE a (b int);\nINSERT INTO a VALUES (1);\nBEGIN;\n  CREATE TABLE c (d int);\nCOMMIT;\nINSERT INTO a VALUES (1);"), @r#"
        3:1-25 `INSERT INTO a VALUES (1)` ddl_and_dml Review
        5:3-25 `CREATE TABLE c (d int)` multiple_ddl Review
        "#);
    }

    #[test]
    fn an_error_spoils_its_whole_transaction() {
        assert_snapshot!(linted("BEGIN; CREATE INDEX ON a (b); CREATE EXTENSION c; COMMIT"), @r#"
        1:15-20 `INDEX` index_async None
        1:31-49 `CREATE EXTENSION c` create_extension None
        1:31-49 `CREATE EXTENSION c` multiple_ddl None
        "#);
        assert_snapshot!(linted("BEGIN; CREATE INDEX ON a (b);"), @r#"
        1:1-6 `BEGIN` transaction_block None
        1:15-20 `INDEX` index_async None
        "#);
    }

    #[test]
    fn foreign_keys_to_leave_out_are_not_refused() {
        let options = Options {
            foreign_keys: ForeignKeys::Omit,
            ..Options::default()
        };
        let found = lint_with("CREATE TABLE visit (pet bigint REFERENCES pet)", &options);
        assert_eq!(found.len(), 1);
        assert!(!found[0].is_refused());
        assert_eq!(found[0].remedy, Remedy::Review);
    }

    #[test]
    fn columns_count_characters() {
        let found = lint("SELECT 'é'; /* é */ TRUNCATE pet;\r\n\tVACUUM;");
        let places: Vec<_> = found
            .iter()
            .map(|found| (found.line, found.column, found.end_column))
            .collect();
        assert_eq!(places, [(1, 21, 33), (2, 2, 8)]);
    }

    #[test]
    fn a_script_on_one_line_takes_time_in_step_with_its_size() {
        let columns: Vec<_> = (0..3_000).map(|n| format!("c{n} serial")).collect();
        let script =
            format!("CREATE TABLE t ({});", columns.join(", ")) + &"VACUUM;".repeat(20_000);
        let start = std::time::Instant::now();
        assert_eq!(lint(&script).len() / 1_000, 23);
        assert!(start.elapsed().as_secs() < 20);
    }
}
