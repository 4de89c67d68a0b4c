//! A script as a plan.

use std::borrow::Cow;
use std::rc::Rc;

use crate::fold::{Fate, Source, fold};
use crate::lex::{Lexer, skip_blank};
use crate::plan::{Note, Options, Plan, PlanError, Step, Transaction};
use crate::rows::Rows;
use crate::rule::{Edit, Finding, Findings, Fix, Form, Part, Reading, Subject, Taken, apply};
use crate::rules::{self, RULES};
use crate::{Kind, Statement, Verb, split};

/// Turns a script for stock PostgreSQL into a plan for the service.
///
/// Each construct is passed on byte for byte, translated with a note, or
/// refused with an error that names the rule; none is dropped silently. What
/// is already fit for the service comes out as it went in, so translating
/// twice changes nothing.
///
/// What the service takes only in CREATE, such as a primary key, and what a
/// later ALTER of the same script adds, moves up into that CREATE where nothing
/// between the two needs the order.
///
/// A transaction of DML only stays one step, [`Step::Transaction`]. Around
/// DDL, BEGIN and COMMIT are taken away with a note, since the service takes
/// one DDL statement a transaction and no DML with it.
///
/// ```
/// use dsql_sql::{Options, Step, translate};
///
/// let plan = translate("CREATE INDEX pet_name ON pet (name);", &Options::default());
/// assert_eq!(plan.steps, [Step::AsyncDdl("CREATE INDEX ASYNC pet_name ON pet (name)".into())]);
/// ```
pub fn translate(sql: &str, options: &Options) -> Plan {
    plan(split(sql).collect(), options, None).0
}

/// The plan, and what the rules found in each statement as it was written.
pub(crate) fn translate_and_see(
    statements: Vec<Statement<'_>>,
    options: &Options,
) -> (Plan, Vec<Seen>) {
    plan(statements, options, Some(Vec::new()))
}

/// A statement as the rules saw it first.
pub(crate) struct Seen {
    /// Bytes from the start of the script.
    pub(crate) offset: usize,
    /// Where its first token begins, in bytes from its own start.
    pub(crate) start: usize,
    pub(crate) found: Vec<Finding>,
}

fn plan(
    statements: Vec<Statement<'_>>,
    options: &Options,
    seen: Option<Vec<Seen>>,
) -> (Plan, Vec<Seen>) {
    let mut planner = Planner {
        options,
        plan: Plan::default(),
        taken: Rc::default(),
        rows: Rows::default(),
        seen,
    };
    let sources = fold(statements, options);
    planner.rows = Rows::of(&sources, options);
    let count = sources.len();
    planner.plan.moved = sources
        .iter()
        .filter_map(|source| Some((source.head(), source.home?)))
        .collect();
    let mut sources = sources.into_iter();
    while let Some(source) = sources.next() {
        let origin = source.offset;
        match source.statement().kind() {
            Kind::Transaction(Verb::Begin) => planner.block(source, &mut sources),
            Kind::Transaction(Verb::Commit | Verb::Rollback) => planner.note(
                rules::transaction_block::ID,
                "there is no transaction to end here: left out",
                source.offset,
            ),
            _ => {
                let mut steps = Vec::new();
                planner.statement(&source, &mut steps);
                planner.plan.steps.append(&mut steps);
            }
        }
        let count = planner.plan.steps.len();
        planner.plan.origins.resize(count, origin);
    }
    let has_ddl = planner
        .plan
        .steps
        .iter()
        .any(|step| matches!(step, Step::Ddl(_) | Step::AsyncDdl(_) | Step::Lookup(_)));
    planner.plan.changed |= count > 1 && has_ddl;
    (planner.plan, planner.seen.unwrap_or_default())
}

struct Planner<'o> {
    options: &'o Options,
    plan: Plan,
    /// Names that the steps so far give to constraints and indexes.
    taken: Rc<Taken>,
    rows: Rows,
    /// For who asks what was found.
    seen: Option<Vec<Seen>>,
}

impl Planner<'_> {
    fn see(&mut self, subject: &Subject<'_>, offset: usize, findings: &Findings) {
        if let Some(seen) = &mut self.seen {
            seen.push(Seen {
                offset,
                start: subject.start(),
                found: findings.found.iter().map(Finding::in_short).collect(),
            });
        }
    }

    fn note(&mut self, rule: &'static str, message: impl Into<String>, offset: usize) {
        self.plan.notes.push(Note {
            rule,
            message: message.into(),
            offset,
        });
    }

    fn error(&mut self, rule: &'static str, message: impl Into<String>, offset: usize) {
        self.plan.errors.push(PlanError {
            rule,
            message: message.into(),
            offset,
            refusal: None,
        });
    }

    /// From BEGIN to the statement that ends the transaction.
    fn block<'s>(&mut self, source: Source<'s>, sources: &mut impl Iterator<Item = Source<'s>>) {
        let rule = rules::transaction_block::ID;
        let begin = source.statement();
        let mut head = Vec::new();
        self.statement(&source, &mut head);
        let mut steps = Vec::new();
        let mut local = None;
        let mut committed = None;
        let mut chained = None;
        let (notes, errors) = (self.plan.notes.len(), self.plan.errors.len());
        let lookups = self.plan.lookups.len();
        for source in sources.by_ref() {
            let statement = source.statement();
            match statement.kind() {
                Kind::Transaction(Verb::Commit) => committed = Some(true),
                Kind::Transaction(Verb::Rollback) => committed = Some(false),
                Kind::Transaction(Verb::Begin) => {
                    self.note(
                        rule,
                        "a transaction is already open: BEGIN left out",
                        statement.offset(),
                    );
                    continue;
                }
                _ => {}
            }
            if committed.is_some() {
                chained = chains(statement.text()).then(|| statement.offset());
                break;
            }
            let before = steps.len();
            self.statement(&source, &mut steps);
            if steps.len() > before && is_local(statement) {
                local.get_or_insert(statement.offset());
            }
        }
        if let Some(offset) = chained {
            return self.error(
                rule,
                "AND CHAIN is not supported: write BEGIN after it",
                offset,
            );
        }
        match committed {
            None => return self.error(
                rule,
                "a transaction is begun here and never ended: write COMMIT, or ROLLBACK, after it",
                begin.offset(),
            ),
            Some(false) => {
                self.plan.notes.truncate(notes);
                self.plan.errors.truncate(errors);
                self.plan.lookups.truncate(lookups);
                return self.note(
                    rule,
                    "the script rolls this transaction back, so none of it is run",
                    begin.offset(),
                );
            }
            Some(true) => {}
        }
        if steps.is_empty() && self.plan.errors.len() > errors {
            return;
        }
        if steps.is_empty() {
            return self.note(
                rule,
                "a transaction without a statement: left out",
                begin.offset(),
            );
        }
        let mut head = head.into_iter();
        let begin_text = match head.next() {
            Some(Step::Dml(begin)) => begin,
            _ => begin.text().to_owned(),
        };
        if steps.iter().all(may_share_a_transaction) {
            let statements = steps.into_iter().filter_map(dml).collect();
            let transaction = Transaction {
                begin: begin_text,
                statements,
            };
            self.plan.steps.push(Step::Transaction(transaction));
            return;
        }
        self.note(
            rule,
            "the service takes one DDL statement a transaction and no DML with it: each step \
             commits by itself, and a failure leaves the steps before it in place",
            begin.offset(),
        );
        if let Some(offset) = local {
            self.error(
                rule,
                "SET LOCAL ends with its transaction, and this one is cut into steps: write SET",
                offset,
            );
        }
        let mut together = Vec::new();
        for step in steps {
            if may_share_a_transaction(&step) {
                together.extend(dml(step));
            } else {
                self.keep_together(&begin_text, &mut together);
                self.plan.steps.push(step);
            }
        }
        self.keep_together(&begin_text, &mut together);
    }

    /// Neighbouring DML of a transaction that is cut stays together.
    fn keep_together(&mut self, begin: &str, statements: &mut Vec<String>) {
        let statements = std::mem::take(statements);
        if !statements.is_empty() {
            let begin = begin.to_owned();
            self.plan
                .steps
                .push(Step::Transaction(Transaction { begin, statements }));
        }
    }

    fn statement(&mut self, source: &Source<'_>, steps: &mut Vec<Step>) {
        let offset = source.offset;
        let head = source.head();
        let mut depth = 0;
        match &source.fate {
            Fate::Stays => {}
            Fate::Grown => {
                self.plan.changed = true;
                depth = 1;
            }
            Fate::Rewritten(rule, note) => {
                self.plan.changed = true;
                self.note(rule, note.clone(), head);
                depth = 1;
            }
            Fate::Moved(rule, note) => {
                self.plan.changed = true;
                return self.note(rule, note.clone(), head);
            }
            Fate::Refused(refused) => {
                return self.plan.errors.push(PlanError {
                    rule: refused.rule,
                    message: refused.message.to_owned(),
                    offset: head,
                    refusal: Some(refused.refusal.clone()),
                });
            }
        }
        if let Some((text, home)) = self.rows.rewritten(&source.text, false) {
            self.plan.changed = true;
            self.plan.moved.push((offset, home));
            self.note(
                rules::array_column::ID,
                "the values of a column that has become jsonb are written as JSON",
                head,
            );
            return self.parts(&text, None, head, 1, steps);
        }
        let reading = source.reading.clone();
        let place = if depth == 0 { offset } else { head };
        self.parts(&source.text, reading, place, depth, steps);
    }

    /// Applies rules until none has anything to say. Edits come first, round
    /// by round; then the first rule that needs several statements gets them.
    /// Places are those of the script only at depth 0.
    fn parts(
        &mut self,
        text: &str,
        mut reading: Option<Rc<Reading>>,
        offset: usize,
        depth: usize,
        steps: &mut Vec<Step>,
    ) {
        const ROUNDS: usize = 12;
        // What has no place of its own in the script is said of the statement, below its comments.
        let head = match depth {
            0 => offset + skip_blank(text.as_bytes(), 0).min(text.len()),
            _ => offset,
        };
        let mut text = Cow::Borrowed(text);
        for round in 0..=ROUNDS {
            let taken = Rc::clone(&self.taken);
            let subject = Subject::read(&text, self.options, Some(&taken), reading.take());
            let place = |at: usize| {
                if round == 0 && depth == 0 {
                    offset + at
                } else {
                    head
                }
            };
            if needs_tree(&subject) && subject.tree().is_none() {
                return self.error(
                    rules::nesting::ID,
                    "the statement nests too deeply to be translated: write it with fewer brackets",
                    head,
                );
            }
            let mut findings = Findings::default();
            for rule in RULES
                .iter()
                .filter(|rule| rule.forms.contains(&subject.form))
            {
                rule.find(&subject, &mut findings);
            }
            if round == 0 && depth == 0 {
                self.see(&subject, offset, &findings);
            }
            if findings.found.is_empty() {
                for (at, message) in rules::numeric_precision::advice(&subject) {
                    self.note(rules::numeric_precision::ID, message, place(at));
                }
                if matches!(
                    subject.form,
                    Form::AlterTable | Form::CreateTable | Form::CreateIndex
                ) {
                    let names: Vec<_> = subject.given_names().collect();
                    steps.push(step(&subject));
                    drop(subject);
                    drop(taken);
                    return Rc::make_mut(&mut self.taken).extend(names);
                }
                return steps.push(step(&subject));
            }
            let mut verdict = Verdict::of(findings);
            if !verdict.errors.is_empty() {
                for mut error in verdict.errors {
                    error.offset = place(error.offset);
                    self.plan.errors.push(error);
                }
                return;
            }
            if let Some(rule) = verdict.takes_apart()
                && subject.form == Form::AlterTable
                && !subject.is_understood()
            {
                return self.error(
                    rule,
                    "a part of this statement could not be read, so it is not taken apart: write \
                     one action a statement",
                    head,
                );
            }
            if let Some((rule, message, at)) = verdict.dropped {
                return self.note(rule, message, place(at));
            }
            if !verdict.edits.is_empty() && round < ROUNDS {
                self.plan.changed = true;
                for (rule, message, at) in verdict.notes {
                    self.note(rule, message, place(at));
                }
                let next = apply(&text, &mut verdict.edits).trim_ascii().to_owned();
                // A bracket that an edit has taken out may have hidden a semicolon.
                let mut pieces = split(&next);
                if pieces.next().is_none_or(|first| first.text() != next) || pieces.next().is_some()
                {
                    return self.error(
                        rules::nesting::ID,
                        "where this statement ends is not certain: a bracket in it is left open, \
                         or closed elsewhere",
                        offset,
                    );
                }
                drop(pieces);
                drop(subject);
                text = Cow::Owned(next);
                continue;
            }
            let Some((rule, parts, message, at)) = verdict.instead.filter(|_| depth < ROUNDS)
            else {
                return self.error(
                    rules::nesting::ID,
                    "the statement could not be brought into a form the service accepts: split it",
                    head,
                );
            };
            self.plan.changed = true;
            let parts = match rules::alter_table::single_actions(&subject) {
                Some(actions) => actions,
                None => {
                    self.note(rule, message, place(at));
                    parts
                }
            };
            drop(subject);
            drop(taken);
            for part in parts {
                match part {
                    Part::Sql(sql) => {
                        let rewritten = self.rows.rewritten(&sql, true);
                        let home = rewritten.as_ref().map(|(_, home)| (offset, *home));
                        self.plan.moved.extend(home);
                        let sql = rewritten.as_ref().map_or(&sql, |(sql, _)| sql);
                        self.parts(sql, None, head, depth + 1, steps);
                    }
                    Part::Batches(batches) => steps.push(Step::Batches(batches)),
                    Part::Lookup(lookup) => {
                        self.plan.lookups.push(head);
                        steps.push(Step::Lookup(lookup));
                    }
                }
            }
            return;
        }
    }
}

/// What all findings of one statement come to; places are bytes from its
/// start.
#[derive(Default)]
struct Verdict {
    errors: Vec<PlanError>,
    notes: Vec<(&'static str, String, usize)>,
    edits: Vec<Edit>,
    /// The first rule that wants other statements in its place.
    instead: Option<(&'static str, Vec<Part>, String, usize)>,
    dropped: Option<(&'static str, String, usize)>,
}

impl Verdict {
    fn of(mut findings: Findings) -> Self {
        findings.found.sort_by_key(|finding| finding.at);
        let mut verdict = Self::default();
        for Finding {
            rule,
            at,
            refusal,
            fix,
        } in findings.found
        {
            match fix {
                Fix::Refuse(message) => {
                    verdict.errors.push(PlanError {
                        rule,
                        message,
                        offset: at,
                        refusal,
                    });
                }
                Fix::Drop(message) => verdict.dropped = Some((rule, message, at)),
                Fix::Edits(edits, message) => {
                    verdict.notes.push((rule, message, at));
                    verdict.edits.extend(edits);
                }
                Fix::Steps(parts, message) => {
                    // A rebuild makes every change of its statement.
                    let is_rebuild = |parts: &[Part]| matches!(parts, [Part::Lookup(_)]);
                    match &verdict.instead {
                        Some((_, kept, ..)) if is_rebuild(kept) || !is_rebuild(&parts) => {}
                        _ => verdict.instead = Some((rule, parts, message, at)),
                    }
                }
            }
        }
        verdict
    }

    /// The rule by which the statement does not stay whole.
    fn takes_apart(&self) -> Option<&'static str> {
        let dropped = self.dropped.as_ref().map(|(rule, ..)| *rule);
        dropped.or(self.instead.as_ref().map(|(rule, ..)| *rule))
    }
}

fn needs_tree(subject: &Subject<'_>) -> bool {
    matches!(
        subject.form,
        Form::CreateTable
            | Form::CreateSchema
            | Form::AlterTable
            | Form::CreateIndex
            | Form::CreateSequence
    )
}

fn step(subject: &Subject<'_>) -> Step {
    let sql = subject.text.to_owned();
    match subject.kind {
        Kind::Ddl if subject.asynchronous.is_some() => Step::AsyncDdl(sql),
        Kind::Ddl => Step::Ddl(sql),
        _ => Step::Dml(sql),
    }
}

/// DDL may not, and neither may ANALYZE.
fn may_share_a_transaction(step: &Step) -> bool {
    let Step::Dml(sql) = step else { return false };
    !Lexer::new(sql)
        .next()
        .is_some_and(|first| first.is_word(sql, "analyze") || first.is_word(sql, "analyse"))
}

fn dml(step: Step) -> Option<String> {
    match step {
        Step::Dml(sql) => Some(sql),
        _ => None,
    }
}

fn chains(text: &str) -> bool {
    let mut negated = false;
    Lexer::new(text).any(|token| {
        let chains = token.is_word(text, "chain") && !negated;
        negated = token.is_word(text, "no");
        chains
    })
}

fn is_local(statement: Statement<'_>) -> bool {
    let text = statement.text();
    statement.kind() == Kind::Session
        && Lexer::new(text)
            .nth(1)
            .is_some_and(|second| second.is_word(text, "local"))
}
