//! A script as a plan.

use std::collections::HashSet;
use std::rc::Rc;

use crate::lex::TokenKind;
use crate::plan::{Note, Options, Plan, PlanError, Step, Transaction};
use crate::rule::{Finding, Findings, Fix, Form, Part, Subject, apply};
use crate::rules::{self, RULES};
use crate::{Kind, Statement, Verb, split};

/// Turns a script for stock PostgreSQL into a plan for the service.
///
/// Each construct is passed on byte for byte, translated with a note, or
/// refused with an error that names the rule; none is dropped silently. What
/// is already fit for the service comes out as it went in, so translating
/// twice changes nothing.
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
    let mut planner = Planner {
        options,
        plan: Plan::default(),
        taken: Rc::default(),
    };
    let mut statements = split(sql);
    let mut count = 0usize;
    while let Some(statement) = statements.next() {
        count += 1;
        match statement.kind() {
            Kind::Transaction(Verb::Begin) => planner.block(statement, &mut statements),
            Kind::Transaction(Verb::Commit | Verb::Rollback) => planner.note(
                rules::transaction_block::ID,
                "there is no transaction to end here: left out",
                statement.offset(),
            ),
            _ => {
                let mut steps = Vec::new();
                planner.statement(statement, &mut steps);
                planner.plan.steps.append(&mut steps);
            }
        }
    }
    let has_ddl = planner
        .plan
        .steps
        .iter()
        .any(|step| matches!(step, Step::Ddl(_) | Step::AsyncDdl(_)));
    planner.plan.changed |= count > 1 && has_ddl;
    planner.plan
}

struct Planner<'o> {
    options: &'o Options,
    plan: Plan,
    /// Names that the steps so far give to constraints and indexes.
    taken: Rc<HashSet<String>>,
}

impl Planner<'_> {
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
    fn block<'s>(
        &mut self,
        begin: Statement<'s>,
        statements: &mut impl Iterator<Item = Statement<'s>>,
    ) {
        let rule = rules::transaction_block::ID;
        let mut head = Vec::new();
        self.statement(begin, &mut head);
        let mut steps = Vec::new();
        let mut local = None;
        let mut committed = None;
        let mut chained = None;
        let (notes, errors) = (self.plan.notes.len(), self.plan.errors.len());
        for statement in statements.by_ref() {
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
                Kind::Session if is_local(statement.text()) => {
                    local.get_or_insert(statement.offset());
                }
                _ => {}
            }
            if committed.is_some() {
                chained = chains(statement.text()).then(|| statement.offset());
                break;
            }
            self.statement(statement, &mut steps);
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
                return self.note(
                    rule,
                    "the script rolls this transaction back, so none of it is run",
                    begin.offset(),
                );
            }
            Some(true) => {}
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
            "the service takes one DDL statement a transaction and no DML with it: each step commits by itself, and a failure leaves the steps before it in place",
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

    fn statement(&mut self, statement: Statement<'_>, steps: &mut Vec<Step>) {
        self.parts(statement.text().to_owned(), statement.offset(), 0, steps);
    }

    /// Applies rules until none has anything to say. Edits come first, round
    /// by round; then the first rule that needs several statements gets them.
    fn parts(&mut self, mut text: String, offset: usize, depth: usize, steps: &mut Vec<Step>) {
        const ROUNDS: usize = 12;
        for round in 0..=ROUNDS {
            let taken = Rc::clone(&self.taken);
            let subject = Subject::new(&text, self.options, Some(&taken));
            let place = |at: usize| {
                if round == 0 && depth == 0 {
                    offset + at
                } else {
                    offset
                }
            };
            if needs_tree(&subject) && subject.tree().is_none() {
                return self.error(
                    rules::nesting::ID,
                    "the statement nests too deeply to be translated: write it with fewer brackets",
                    offset,
                );
            }
            let mut findings = Findings::default();
            for rule in RULES
                .iter()
                .filter(|rule| rule.forms.contains(&subject.form))
            {
                rule.find(&subject, &mut findings);
            }
            if findings.found.is_empty() {
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
            findings.found.sort_by_key(|finding| finding.at);
            let mut edits = Vec::new();
            let mut notes = Vec::new();
            let mut instead = None;
            let mut dropped = None;
            let mut refused = false;
            for Finding {
                rule,
                at,
                refusal,
                fix,
            } in findings.found
            {
                match fix {
                    Fix::Refuse(message) => {
                        refused = true;
                        let offset = place(at);
                        self.plan.errors.push(PlanError {
                            rule,
                            message,
                            offset,
                            refusal,
                        });
                    }
                    Fix::Drop(message) => dropped = Some((rule, message, at)),
                    Fix::Edits(more, message) => {
                        notes.push((rule, message, place(at)));
                        edits.extend(more);
                    }
                    Fix::Steps(parts, message) => {
                        instead.get_or_insert((rule, parts, message, at));
                    }
                }
            }
            if refused {
                return;
            }
            let taken_apart = dropped.as_ref().map(|dropped| dropped.0);
            let taken_apart = taken_apart.or(instead.as_ref().map(|instead| instead.0));
            if let Some(rule) = taken_apart
                && subject.form == Form::AlterTable
                && !subject.is_understood()
            {
                return self.error(
                    rule,
                    "a part of this statement could not be read, so it is not taken apart: write \
                     one action a statement",
                    offset,
                );
            }
            if let Some((rule, message, at)) = dropped {
                return self.note(rule, message, place(at));
            }
            if !edits.is_empty() && round < ROUNDS {
                self.plan.changed = true;
                for (rule, message, offset) in notes {
                    self.note(rule, message, offset);
                }
                let next = apply(&text, &mut edits).trim_ascii().to_owned();
                drop(subject);
                text = next;
                continue;
            }
            let Some((rule, parts, message, at)) = instead.filter(|_| depth < ROUNDS) else {
                return self.error(
                    rules::nesting::ID,
                    "the statement could not be brought into a form the service accepts: split it",
                    offset,
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
                    Part::Sql(sql) => self.parts(sql, offset, depth + 1, steps),
                    Part::Batches(batches) => steps.push(Step::Batches(batches)),
                }
            }
            return;
        }
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
    !crate::lex::Lexer::new(sql)
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
    crate::lex::Lexer::new(text).any(|token| {
        let chains = token.is_word(text, "chain") && !negated;
        negated = token.is_word(text, "no");
        chains
    })
}

fn is_local(text: &str) -> bool {
    crate::lex::Lexer::new(text)
        .nth(1)
        .is_some_and(|token| token.kind == TokenKind::Word && token.is_word(text, "local"))
}
