//! A sequence that a column counts with, folded into an identity of it.

use squawk_syntax::{SyntaxKind as K, SyntaxNode};

use super::{Fate, Folder, Name, Object, comments, name_at, name_in};
use crate::plan::Options;
use crate::rule::Subject;
use crate::rules::{default_name, literal, sequence_cache};
use crate::tree;

/// A sequence that the script creates.
pub(super) struct Sequence {
    /// The statements that make it what it is.
    at: Vec<usize>,
    /// The options of an identity that counts as it does, CACHE first.
    options: String,
    /// The table and the column that own it.
    owner: Option<(Name, String)>,
    comments: Vec<String>,
}

/// An identity in place of a sequence.
pub(super) struct Identity {
    at: Vec<usize>,
    pub(super) text: String,
    pub(super) comments: Vec<String>,
    name: Name,
}

impl Identity {
    /// Was the sequence created after this statement?
    pub(super) fn is_after(&self, at: usize) -> bool {
        self.at.first().is_some_and(|first| *first > at)
    }

    /// Does no later statement change the sequence?
    pub(super) fn is_last_change(&self, folder: &Folder<'_>) -> bool {
        let last = folder.last_change.get(&self.name.name);
        last.is_none_or(|last| self.at.last().is_some_and(|known| last <= known))
    }

    /// Leaves out the statements that the identity takes the place of.
    pub(super) fn moved(self, folder: &mut Folder<'_>, at: usize, home: Option<usize>) {
        let rule = sequence_cache::RULE.id();
        folder.homes[at] = home;
        for part in self.at {
            folder.homes[part] = home;
            folder.fates[part] = Fate::Moved(
                rule,
                "the sequence becomes that of an identity column in the CREATE TABLE of this \
                 script"
                    .to_owned(),
            );
        }
        folder.fates[at] = Fate::Moved(
            rule,
            "the default and its sequence become an identity column of the CREATE TABLE of this \
             script; the sequence keeps its name"
                .to_owned(),
        );
        folder.forget(&self.name);
    }
}

pub(super) fn created(folder: &mut Folder<'_>, at: usize, subject: &Subject<'_>) {
    if !subject.begins(&["create", "sequence"]) {
        return folder.forget_mentioned(subject);
    }
    let maybe = subject.words_at(2, &["if", "not", "exists"]);
    let Some((name, _)) = name_at(subject, if maybe { 5 } else { 2 }) else {
        return folder.forget_mentioned(subject);
    };
    folder.forget(&name);
    let Some(node) = subject
        .node(K::CREATE_SEQUENCE)
        .filter(|_| subject.is_understood() && !maybe)
    else {
        return;
    };
    let owner = tree::child(&node, K::OPTION_OWNED_BY).and_then(|option| owner(subject, &option));
    let sequence = Sequence {
        at: vec![at],
        options: options(subject, &node),
        owner,
        comments: comments(subject, "")
            .into_iter()
            .map(str::to_owned)
            .collect(),
    };
    folder.hold(name, Object::Sequence(sequence));
}

pub(super) fn altered(folder: &mut Folder<'_>, at: usize, subject: &Subject<'_>) {
    let Some((name, next)) = name_at(subject, 2) else {
        return folder.forget_mentioned(subject);
    };
    if subject.words_at(next, &["owner", "to"]) {
        return;
    }
    let option = subject
        .node(K::ALTER_SEQUENCE)
        .filter(|_| subject.is_understood())
        .and_then(|node| {
            let mut options = node
                .children()
                .filter(|child| child.kind() != K::SEQUENCE_REF);
            let option = options.next()?;
            (option.kind() == K::OPTION_OWNED_BY && options.next().is_none()).then_some(option)
        });
    let owner = option.and_then(|option| owner(subject, &option));
    let said: Vec<String> = comments(subject, "")
        .into_iter()
        .map(str::to_owned)
        .collect();
    match (folder.get(&name), owner) {
        (Some(Object::Sequence(sequence)), Some(owner)) if sequence.owner.is_none() => {
            sequence.owner = Some(owner);
            sequence.at.push(at);
            sequence.comments.extend(said);
        }
        _ => folder.forget(&name),
    }
}

/// `OWNED BY table.column`.
fn owner(subject: &Subject<'_>, option: &SyntaxNode) -> Option<(Name, String)> {
    let column = tree::child(option, K::QUALIFIED_COLUMN_NAME_REF)?;
    let written = subject.written(&column);
    let (table, column) = written.rsplit_once('.')?;
    let options = Options::default();
    let column = name_in(column, &options).filter(|column| column.schema.is_none())?;
    Some((name_in(table, &options)?, column.name))
}

/// The options of a sequence as an identity has them: CACHE stands first,
/// where the documented syntax has it.
fn options(subject: &Subject<'_>, list: &SyntaxNode) -> String {
    let mut options = Vec::new();
    for option in list.children() {
        match option.kind() {
            K::OPTION_CACHE => options.insert(0, subject.written(&option)),
            K::SEQUENCE
            | K::OPTION_AS_TYPE
            | K::OPTION_OWNED_BY
            | K::OPTION_SEQUENCE_NAME
            | K::IF_NOT_EXISTS => {}
            _ => options.push(subject.written(&option)),
        }
    }
    options.join(" ")
}

/// The identity that `SET DEFAULT nextval('s')` comes to, where `s` is a
/// sequence that the script creates, named as the column's own would be and
/// owned by the column.
pub(super) fn default(
    folder: &mut Folder<'_>,
    subject: &Subject<'_>,
    table: &Name,
    column: &str,
    default: &SyntaxNode,
) -> Option<Identity> {
    let call = tree::child(default, K::CALL_EXPR)?;
    let function = call.children().next()?;
    if !["nextval", "pg_catalog.nextval"].contains(&subject.folded(&function).as_str()) {
        return None;
    }
    let mut value = tree::child(&call, K::ARG_LIST)?;
    while value.kind() != K::LITERAL {
        let mut children = value.children();
        let inner = children.next()?;
        let rest: Vec<_> = children
            .filter(|child| child.kind() != K::COLON_COLON)
            .collect();
        let is_cast = value.kind() == K::CAST_EXPR
            && rest
                .iter()
                .all(|kind| subject.folded(kind).trim_start_matches("pg_catalog.") == "regclass");
        if !is_cast && !rest.is_empty() {
            return None;
        }
        value = inner;
    }
    let text = literal(subject.written(&value))?;
    let name = name_in(&text, folder.options)?;
    let named_as_its_own =
        name.schema == table.schema && name.name == default_name(&table.name, column, "seq");
    if !named_as_its_own {
        return None;
    }
    let Some(Object::Sequence(sequence)) = folder.get(&name) else {
        return None;
    };
    let owned = sequence
        .owner
        .as_ref()
        .is_some_and(|(owner, owned)| owner == table && owned == column);
    if !owned {
        return None;
    }
    let text = if sequence.options.is_empty() {
        "GENERATED BY DEFAULT AS IDENTITY".to_owned()
    } else {
        format!("GENERATED BY DEFAULT AS IDENTITY ({})", sequence.options)
    };
    Some(Identity {
        at: sequence.at.clone(),
        text,
        comments: sequence.comments.clone(),
        name,
    })
}

/// `ADD GENERATED …` as CREATE TABLE writes it; `None` where its sequence has
/// a name of its own.
pub(super) fn generated(
    subject: &Subject<'_>,
    added: &SyntaxNode,
    own_name: &Name,
    settings: &Options,
) -> Option<String> {
    let always = tree::child(added, K::GENERATED_BY_DEFAULT).is_none();
    let mut text = if always {
        "GENERATED ALWAYS AS IDENTITY".to_owned()
    } else {
        "GENERATED BY DEFAULT AS IDENTITY".to_owned()
    };
    let Some(list) = tree::child(added, K::SEQUENCE_OPTION_LIST) else {
        return Some(text);
    };
    if let Some(option) = tree::child(&list, K::OPTION_SEQUENCE_NAME) {
        let name = tree::child(&option, K::SEQUENCE)?;
        if name_in(subject.written(&name), settings)? != *own_name {
            return None;
        }
    }
    if tree::child(&list, K::OPTION_OWNED_BY).is_some()
        || tree::child(&list, K::OPTION_AS_TYPE).is_some()
    {
        return None;
    }
    let options = options(subject, &list);
    if !options.is_empty() {
        text.push_str(&format!(" ({options})"));
    }
    Some(text)
}
