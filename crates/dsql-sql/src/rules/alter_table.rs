//! What rules about ALTER TABLE share: the statement's parts, and the steps
//! that take its place.

use std::cell::OnceCell;
use std::rc::Rc;

use super::constraint::deferral;
use super::prelude::*;
use crate::batches::Batches;
use crate::lookup::{self, Lookup};
use crate::rebuild::{self, Change, Rebuild};

/// The statement once for each of its actions; `None` when it has only one, or
/// when a rebuild makes them all at once.
pub(crate) fn single_actions(subject: &Subject<'_>) -> Option<Vec<Part>> {
    let table = AlterTable::of(subject)?;
    let groups = rebuild::groups(subject, &table);
    if groups.len() < 2 {
        return None;
    }
    let mut steps = Steps::of_all(subject, &table);
    for group in groups {
        let actions: Vec<_> = group.iter().map(|action| subject.written(action)).collect();
        steps.alter(&actions.join(", "));
    }
    Some(steps.parts())
}

/// The table built anew with all that the statement asks for; `None` where
/// nothing asks for that, or something does not go with it.
pub(super) fn rebuilt(
    subject: &Subject<'_>,
    table: &AlterTable,
    rule: &'static str,
    action: &SyntaxNode,
) -> Option<Fix> {
    let needs = |action| rebuild::changes(subject, table, std::slice::from_ref(action)).is_some();
    if table.is_taken_apart(subject) {
        return needs(action).then(|| Fix::Steps(Vec::new(), String::new()));
    }
    let whole = table.rebuild.get_or_init(|| {
        let changes = rebuild::changes(subject, table, &table.actions)?;
        let first = table.actions.iter().find(|action| needs(action))?;
        Some((tree::start(first), changes))
    });
    let (first, changes) = whole.as_ref()?;
    let note = format!(
        "{} is built anew: its rows are copied in batches to a new table, which takes its name; \
         what hangs on it is looked up when the plan is run",
        table.name
    );
    if tree::start(action) != *first {
        // The first of them makes all changes.
        return Some(Fix::Steps(Vec::new(), note));
    }
    let lookup = Lookup {
        statement: subject.text.trim().to_owned(),
        kind: lookup::Kind::Rebuild(Rebuild {
            rule,
            table: table.name.clone(),
            if_exists: table.if_exists,
            changes: changes.clone(),
            options: subject.options.clone(),
        }),
    };
    Some(Fix::Steps(vec![Part::Lookup(lookup)], note))
}

/// ALTER TABLE and its parts.
pub(crate) struct AlterTable {
    /// `ALTER TABLE …` up to the table's name, as written.
    head: String,
    /// The table, qualified and quoted as written.
    pub(crate) name: String,
    /// The table's own name as the catalog holds it.
    pub(crate) folded: String,
    pub(super) only: bool,
    if_exists: bool,
    pub(crate) actions: Vec<SyntaxNode>,
    taken_apart: OnceCell<bool>,
    /// What a rebuild changes, and where the first action stands that needs it.
    rebuild: OnceCell<Option<(usize, Vec<Change>)>>,
}

impl AlterTable {
    /// Taken apart once, however many rules ask.
    pub(crate) fn of(subject: &Subject<'_>) -> Option<Rc<Self>> {
        let parts = subject
            .alter_table
            .get_or_init(|| Self::parts(subject).map(Rc::new));
        parts.clone()
    }

    fn parts(subject: &Subject<'_>) -> Option<Self> {
        if subject.form != Form::AlterTable {
            return None;
        }
        let node = tree::child(subject.tree()?, K::ALTER_TABLE)?;
        let relation = tree::child(&node, K::TABLE_RELATION_NAME)?;
        let name = tree::child(&relation, K::TABLE_NAME_REF)?;
        let (start, end) = tree::span(&name);
        let actions = node
            .children()
            .filter(|child| {
                !matches!(
                    child.kind(),
                    K::TABLE_RELATION_NAME | K::IF_EXISTS | K::ERROR
                )
            })
            .collect();
        Some(Self {
            head: subject.text[subject.start()..tree::end(&relation)].to_owned(),
            name: subject.text[start..end].to_owned(),
            folded: super::last_name(subject, start, end),
            only: tree::token(&relation, K::ONLY_KW).is_some(),
            if_exists: tree::child(&node, K::IF_EXISTS).is_some(),
            actions,
            taken_apart: OnceCell::new(),
            rebuild: OnceCell::new(),
        })
    }

    /// Does no one rebuild make all its changes?
    fn is_taken_apart(&self, subject: &Subject<'_>) -> bool {
        *self
            .taken_apart
            .get_or_init(|| rebuild::groups(subject, self).len() > 1)
    }

    /// The schema and its dot, as written; empty without a schema.
    pub(super) fn qualifier(&self) -> &str {
        let mut end = 0;
        for token in crate::lex::Lexer::new(&self.name) {
            if token.is_symbol(b'.') {
                end = token.end;
            }
        }
        &self.name[..end]
    }
}

/// Statements that take the place of one action.
pub(super) struct Steps<'s> {
    table: &'s AlterTable,
    /// Comments before and after the statement, which are kept.
    before: &'s str,
    after: &'s str,
    /// Comments inside it, each with what surrounds it up to a token.
    inside: Vec<&'s str>,
    parts: Vec<Part>,
}

impl<'s> Steps<'s> {
    pub(super) fn new(subject: &Subject<'s>, table: &'s AlterTable) -> Self {
        if table.is_taken_apart(subject) {
            // What one action comes to is asked again when it stands alone.
            return Self {
                inside: Vec::new(),
                table,
                before: "",
                after: "",
                parts: Vec::new(),
            };
        }
        Self::of_all(subject, table)
    }

    /// With all comments of the statement.
    fn of_all(subject: &Subject<'s>, table: &'s AlterTable) -> Self {
        let end = subject.tokens.last().map_or(0, |token| token.end);
        let inside = subject
            .tokens
            .windows(2)
            .map(|pair| subject.text[pair[0].end..pair[1].start].trim())
            .filter(|gap| !gap.is_empty())
            .collect();
        Self {
            inside,
            table,
            before: &subject.text[..subject.start()],
            after: &subject.text[end..],
            parts: Vec::new(),
        }
    }

    pub(super) fn sql(&mut self, sql: impl Into<String>) {
        self.parts.push(Part::Sql(sql.into()));
    }

    /// ALTER TABLE with this action.
    pub(super) fn alter(&mut self, action: &str) {
        self.sql(format!("{} {action}", self.table.head));
    }

    pub(super) fn batches(&mut self, batches: Batches) {
        self.parts.push(Part::Batches(batches));
    }

    /// A constraint that holds for new rows at once and is validated by a
    /// job. Made `again`, it may be there from an earlier run.
    pub(super) fn constraint(&mut self, name: &str, body: &str, again: bool) {
        if again {
            self.alter(&format!("DROP CONSTRAINT IF EXISTS {name}"));
        }
        self.alter(&format!("ADD CONSTRAINT {name} {body} NOT VALID"));
        self.validate(name);
    }

    fn validate(&mut self, name: &str) {
        let only = if self.table.only { "ONLY " } else { "" };
        self.sql(format!(
            "ALTER TABLE ASYNC {only}{} VALIDATE CONSTRAINT {name}",
            self.table.name
        ));
    }

    /// A unique index, built by a job and then made a constraint. Answers a
    /// refusal when the constraint asks for what an index cannot have.
    pub(super) fn unique(
        &mut self,
        subject: &Subject<'_>,
        constraint: &SyntaxNode,
        name: &str,
        columns: &str,
        again: bool,
    ) -> Option<Fix> {
        if deferral(constraint).is_some() {
            return Some(Fix::Refuse(
                "only foreign keys can be deferred: take DEFERRABLE out, and order the changes so \
                 that each keeps the constraint"
                    .to_owned(),
            ));
        }
        let parameters = tree::child(constraint, K::INDEX_PARAMETERS);
        let clauses = [K::WITH_PARAMS, K::CONSTRAINT_INDEX_TABLESPACE];
        if parameters
            .iter()
            .flat_map(SyntaxNode::children)
            .any(|node| clauses.contains(&node.kind()))
        {
            return Some(Fix::Refuse(
                "an index has neither storage parameters nor a tablespace: take the clause out"
                    .to_owned(),
            ));
        }
        let written = |kind| {
            parameters
                .as_ref()
                .and_then(|parameters| tree::child(parameters, kind))
                .map(|node| format!(" {}", subject.written(&node)))
                .unwrap_or_default()
        };
        let include = written(K::CONSTRAINT_INCLUDE_CLAUSE);
        let nulls = written(K::NULLS_DISTINCT) + &written(K::NULLS_NOT_DISTINCT);
        let exists = if again { "IF NOT EXISTS " } else { "" };
        let only = if self.table.only { "ONLY " } else { "" };
        if again {
            self.alter(&format!("DROP CONSTRAINT IF EXISTS {name}"));
        }
        self.sql(format!(
            "CREATE UNIQUE INDEX ASYNC {exists}{name} ON {only}{} {columns}{include}{nulls}",
            self.table.name
        ));
        self.alter(&format!("ADD CONSTRAINT {name} UNIQUE USING INDEX {name}"));
        None
    }

    pub(super) fn done(self, mut note: String) -> Fix {
        if self.table.if_exists {
            note.push_str("; IF EXISTS cannot stand in every step: where there is no such table, a step fails");
        }
        Fix::Steps(self.parts(), note)
    }

    fn parts(mut self) -> Vec<Part> {
        let sql = |part: &mut Part| match part {
            Part::Sql(sql) => Some(std::mem::take(sql)),
            Part::Batches(_) | Part::Lookup(_) => None,
        };
        // A comment that no step has kept stands before the first.
        let mut before = self.before.to_owned();
        for comment in &self.inside {
            let kept = self.parts.iter().any(|part| match part {
                Part::Sql(sql) => sql.contains(comment),
                Part::Batches(_) | Part::Lookup(_) => false,
            });
            if !kept {
                before.push_str(comment);
                before.push('\n');
            }
        }
        if let Some(first) = self.parts.first_mut()
            && let Some(text) = sql(first)
        {
            *first = Part::Sql(format!("{before}{text}"));
        }
        if let Some(last) = self
            .parts
            .iter_mut()
            .rfind(|part| matches!(part, Part::Sql(_)))
            && let Some(text) = sql(last)
        {
            *last = Part::Sql(format!("{text}{}", self.after));
        }
        self.parts
    }
}
