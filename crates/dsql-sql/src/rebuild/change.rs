//! What an ALTER TABLE asks of a table that is built anew.

use squawk_syntax::{SyntaxKind as K, SyntaxNode};

use crate::plan::{Options, Step};
use crate::rule::Subject;
use crate::rules::alter_table::AlterTable;
use crate::rules::column::TYPES;
use crate::rules::constraint::column_names;
use crate::rules::{default_name, folded};
use crate::{translate, tree};

/// One action. Names are as the catalog holds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Type {
        column: String,
        to: String,
        using: Option<String>,
    },
    AddPrimaryKey {
        name: Option<String>,
        columns: Vec<String>,
        /// The index that becomes the key.
        index: Option<String>,
    },
    DropConstraint {
        name: String,
        if_exists: bool,
        /// As written, from DROP on.
        text: String,
    },
    AddColumn {
        name: String,
        if_not_exists: bool,
        /// As it stands in CREATE TABLE.
        definition: String,
        text: String,
        /// Is it the new key?
        is_key: bool,
    },
    DropColumn {
        name: String,
        if_exists: bool,
        text: String,
    },
    Default {
        column: String,
        /// `None`: DROP DEFAULT.
        value: Option<String>,
        text: String,
    },
    NotNull {
        column: String,
        is: bool,
        text: String,
    },
}

/// The changes that actions ask for, where all of them can be made in one
/// rebuild and one of them needs it.
pub(crate) fn changes(
    subject: &Subject<'_>,
    table: &AlterTable,
    actions: &[SyntaxNode],
) -> Option<Vec<Change>> {
    let mut all = Vec::new();
    let mut needed = false;
    for action in actions {
        let found = Change::of(subject, action)?;
        needed |= found.iter().any(|change| change.needs_rebuild(table));
        all.extend(found);
    }
    needed.then_some(all)
}

/// The actions of a statement, those together that one rebuild makes.
pub(crate) fn groups<'t>(subject: &Subject<'_>, table: &'t AlterTable) -> Vec<&'t [SyntaxNode]> {
    let mut groups = Vec::new();
    let mut rest = table.actions.as_slice();
    while !rest.is_empty() {
        let run = rest
            .iter()
            .take_while(|action| Change::of(subject, action).is_some())
            .count();
        let (run, others) = rest.split_at(run.max(1));
        match changes(subject, table, run) {
            Some(_) => groups.push(run),
            None => groups.extend(run.chunks(1)),
        }
        rest = others;
    }
    groups
}

impl Change {
    fn of(subject: &Subject<'_>, action: &SyntaxNode) -> Option<Vec<Self>> {
        if !subject.is_understood() {
            return None;
        }
        let text = subject.written(action).to_owned();
        let if_exists = tree::child(action, K::IF_EXISTS).is_some();
        let column = || Some(subject.folded(&tree::child(action, K::COLUMN_NAME_REF)?));
        let behaves = |kind| tree::descendants(action, &[kind]).next().is_some();
        match action.kind() {
            K::ALTER_COLUMN => alter_column(subject, action, column()?, text).map(|it| vec![it]),
            K::ADD_CONSTRAINT => {
                let key = tree::child(action, K::PRIMARY_KEY_CONSTRAINT)?;
                primary_key(subject, &key).map(|it| vec![it])
            }
            K::DROP_CONSTRAINT if !behaves(K::CASCADE) => {
                let name = tree::child(action, K::CONSTRAINT_NAME_REF)?;
                Some(vec![Self::DropConstraint {
                    name: subject.folded(&name),
                    if_exists,
                    text,
                }])
            }
            K::DROP_COLUMN if !behaves(K::CASCADE) => Some(vec![Self::DropColumn {
                name: column()?,
                if_exists,
                text,
            }]),
            K::ADD_COLUMN => add_column(subject, action),
            _ => None,
        }
    }

    /// As far as the text tells: the key's constraint has the name that
    /// PostgreSQL gives it.
    fn needs_rebuild(&self, table: &AlterTable) -> bool {
        match self {
            Self::Type { .. } | Self::AddPrimaryKey { .. } => true,
            Self::AddColumn { is_key, .. } => *is_key,
            Self::DropConstraint { name, .. } => *name == default_name(&table.folded, "", "pkey"),
            Self::DropColumn { .. } | Self::Default { .. } | Self::NotNull { .. } => false,
        }
    }

    /// The steps of a change that needs no rebuild.
    pub(super) fn plain(&self, table: &str, options: &Options) -> Vec<Step> {
        match self {
            // The rule that brought it here would look it up again.
            Self::DropConstraint { text, .. } => {
                vec![Step::Ddl(format!("ALTER TABLE {table} {text}"))]
            }
            Self::AddColumn { text, .. }
            | Self::DropColumn { text, .. }
            | Self::Default { text, .. }
            | Self::NotNull { text, .. } => {
                translate(&format!("ALTER TABLE {table} {text}"), options).steps
            }
            Self::Type { .. } | Self::AddPrimaryKey { .. } => Vec::new(),
        }
    }
}

fn alter_column(
    subject: &Subject<'_>,
    action: &SyntaxNode,
    column: String,
    text: String,
) -> Option<Change> {
    let option = |kind| tree::child(action, kind);
    if let Some(option) = option(K::SET_TYPE) {
        let to = option
            .children()
            .find(|child| TYPES.contains(&child.kind()))?;
        if tree::child(&option, K::COLLATE).is_some() {
            return None;
        }
        let using = match tree::child(&option, K::USING_EXPR) {
            Some(using) => Some(subject.written(&using.children().next()?).to_owned()),
            None => None,
        };
        return Some(Change::Type {
            column,
            to: subject.written(&to).to_owned(),
            using,
        });
    }
    if let Some(option) = option(K::SET_DEFAULT) {
        let value = Some(subject.written(&option.children().next()?).to_owned());
        return Some(Change::Default {
            column,
            value,
            text,
        });
    }
    if option(K::DROP_DEFAULT).is_some() {
        return Some(Change::Default {
            column,
            value: None,
            text,
        });
    }
    let is = option(K::SET_NOT_NULL).is_some();
    (is || option(K::DROP_NOT_NULL).is_some()).then_some(Change::NotNull { column, is, text })
}

fn primary_key(subject: &Subject<'_>, key: &SyntaxNode) -> Option<Change> {
    let name = tree::child(key, K::CONSTRAINT_NAME_CLAUSE)
        .and_then(|clause| tree::child(&clause, K::CONSTRAINT_NAME))
        .map(|name| subject.folded(&name));
    if let Some(using) = tree::child(key, K::USING_INDEX_NAME) {
        let written = subject.written(&using);
        let index = crate::lex::Lexer::new(written).nth(2)?.text(written);
        return Some(Change::AddPrimaryKey {
            name,
            columns: Vec::new(),
            index: Some(folded(index)),
        });
    }
    let parameters = tree::child(key, K::INDEX_PARAMETERS)?;
    let list = tree::child(&parameters, K::CONSTRAINT_COLUMN_REF_LIST)?;
    let columns = column_names(subject, &list);
    // INCLUDE and storage parameters would be lost, and so would a word too many.
    let written = subject.written(&list);
    let words = crate::lex::Lexer::new(written)
        .filter(|token| {
            ![b'(', b')', b',']
                .iter()
                .any(|symbol| token.is_symbol(*symbol))
        })
        .count();
    let alone = parameters.children().count() == 1 && !columns.is_empty() && words == columns.len();
    alone.then_some(Change::AddPrimaryKey {
        name,
        columns,
        index: None,
    })
}

/// ADD COLUMN, and the key where it stands in it. Of constraints it may have
/// only those whose name does not hang on the table's.
fn add_column(subject: &Subject<'_>, action: &SyntaxNode) -> Option<Vec<Change>> {
    const NAMED: &[K] = &[
        K::CHECK_CONSTRAINT,
        K::EXCLUDE_CONSTRAINT,
        K::REFERENCES_CONSTRAINT,
        K::UNIQUE_CONSTRAINT,
    ];
    if action.children().any(|child| NAMED.contains(&child.kind())) {
        return None;
    }
    let written = tree::child(action, K::COLUMN_NAME)?;
    let (start, end) = (tree::start(&written), tree::end(action));
    let name = subject.folded(&written);
    let mut definition = subject.text.get(start..end)?.to_owned();
    let mut changes = Vec::new();
    let key = tree::child(action, K::PRIMARY_KEY_CONSTRAINT);
    if let Some(key) = &key {
        let (from, to) = tree::span(key);
        definition.replace_range(from - start..to - start, "");
        let constraint = tree::child(key, K::CONSTRAINT_NAME_CLAUSE)
            .and_then(|clause| tree::child(&clause, K::CONSTRAINT_NAME))
            .map(|name| subject.folded(&name));
        changes.push(Change::AddPrimaryKey {
            name: constraint,
            columns: vec![name.clone()],
            index: None,
        });
    }
    let added = Change::AddColumn {
        name,
        if_not_exists: tree::child(action, K::IF_NOT_EXISTS).is_some(),
        definition: definition.trim_end().to_owned(),
        text: subject.written(action).to_owned(),
        is_key: key.is_some(),
    };
    changes.insert(0, added);
    Some(changes)
}
