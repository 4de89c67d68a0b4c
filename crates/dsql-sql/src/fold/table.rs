//! ALTER TABLE folded into CREATE TABLE.

use std::collections::{HashMap, HashSet};

use squawk_syntax::{SyntaxKind as K, SyntaxNode};

use super::sequence::{self, Identity};
use super::{Fate, Folder, Name, Object, Refused, commented, comments, name_at};
use crate::Refusal;
use crate::rule::{Edit, Subject};
use crate::rules::alter_table::AlterTable;
use crate::rules::column::{TYPES, canonical, columns};
use crate::rules::constraint::column_names;
use crate::rules::{
    add_primary_key, add_unique, alter_column_type, default_name, identity_cache, set_not_null,
};
use crate::tree;

/// A table that the script creates.
pub(super) struct Table {
    /// Which statement.
    at: usize,
    text: String,
    /// Has the script written rows into it?
    pub(super) filled: bool,
    /// Read off the text when first asked for; `None` inside where the text
    /// has parts that could not be read.
    shape: Option<Option<Shape>>,
}

struct Shape {
    columns: HashMap<String, Shaped>,
    has_key: bool,
    /// The columns of each key and each UNIQUE. Of two alike in one CREATE
    /// TABLE, PostgreSQL keeps one.
    unique: HashSet<Vec<String>>,
    /// Where the last item ends, and what stands between the items.
    last_end: usize,
    gap: String,
    /// Where a comment after the last item ends; its own end where none is.
    comments_end: usize,
    comments: bool,
    /// Items added so far.
    added: usize,
}

/// Where the type of a column stands, and which edit has changed it.
struct KindAt {
    start: usize,
    end: usize,
    written: String,
    edit: Option<usize>,
}

struct Shaped {
    end: usize,
    kind: String,
    kind_at: Option<KindAt>,
    not_null: bool,
    /// It may be null by its own words.
    nullable: bool,
    /// It has a default, an identity or an expression.
    valued: bool,
}

pub(super) fn created(folder: &mut Folder<'_>, at: usize, subject: &Subject<'_>) {
    // What is copied from another table is copied as that table is now.
    let copies = |at: usize| {
        subject.word_at(at, "like")
            && (subject.symbol_at(at - 1, b'(') || subject.symbol_at(at - 1, b','))
    };
    if (1..subject.tokens.len()).any(copies) {
        folder.forget_mentioned(subject);
    }
    if !subject.begins(&["create", "table"]) {
        return folder.forget_mentioned(subject);
    }
    let maybe = subject.words_at(2, &["if", "not", "exists"]);
    let Some((name, _)) = name_at(subject, if maybe { 5 } else { 2 }) else {
        return folder.forget_mentioned(subject);
    };
    if maybe {
        // It may be an older table.
        return folder.forget(&name);
    }
    let table = Table {
        at,
        text: subject.text.to_owned(),
        filled: false,
        shape: None,
    };
    folder.hold(name, Object::Table(table));
}

/// What one action comes to.
enum Move {
    /// Nothing to do with folding.
    None,
    /// A constraint of the table.
    Item {
        rule: &'static str,
        text: String,
        columns: Vec<String>,
        is_key: bool,
        note: &'static str,
    },
    /// More words for one column.
    Words {
        rule: &'static str,
        column: String,
        text: String,
        note: String,
    },
    /// An identity in place of a sequence that the script creates.
    Identity(Identity, String),
    /// Another type for one column.
    Retype {
        column: String,
        text: String,
        kind: String,
        has_using: bool,
    },
    SecondKey,
}

pub(super) fn altered(folder: &mut Folder<'_>, at: usize, subject: &Subject<'_>) {
    if !folder.may_concern(subject) || only_gives_an_owner(subject) {
        return;
    }
    let understood = subject.is_understood();
    let Some(alter) = AlterTable::of(subject).filter(|_| understood) else {
        return folder.forget_mentioned(subject);
    };
    let Some(name) = super::name_in(&alter.name, folder.options) else {
        return folder.forget_mentioned(subject);
    };
    if !alter.actions.iter().all(keeps_shape) {
        return folder.forget_mentioned(subject);
    }
    // Of several actions each may need the one before it.
    let [action] = alter.actions.as_slice() else {
        return several(folder, at, subject, &name, &alter);
    };
    let found = find(folder, at, subject, &name, action);
    carry_out(folder, at, subject, &name, found);
}

/// Half of what a dump says of its tables: their columns stay as they are.
fn only_gives_an_owner(subject: &Subject<'_>) -> bool {
    let count = subject.tokens.len();
    count > 5
        && subject.words_at(count - 3, &["owner", "to"])
        && !subject.tokens.iter().any(|token| token.is_symbol(b','))
}

/// Actions after which the columns are what CREATE TABLE says, and their
/// constraints at least those.
fn keeps_shape(action: &SyntaxNode) -> bool {
    match action.kind() {
        K::ADD_CONSTRAINT
        | K::ADD_COLUMN
        | K::OWNER_TO
        | K::VALIDATE_CONSTRAINT
        | K::ENABLE_TRIGGER
        | K::DISABLE_TRIGGER
        | K::CLUSTER_ON
        | K::REPLICA_IDENTITY
        | K::ENABLE_RLS
        | K::FORCE_RLS => true,
        K::ALTER_COLUMN => action.children().any(|option| {
            matches!(
                option.kind(),
                K::ADD_GENERATED
                    | K::SET_DEFAULT
                    | K::DROP_DEFAULT
                    | K::SET_NOT_NULL
                    | K::SET_STATISTICS
                    | K::SET_STORAGE
                    | K::SET_COMPRESSION
                    | K::SET_TYPE
            )
        }),
        _ => false,
    }
}

/// Either all actions of a statement move or none does.
fn several(
    folder: &mut Folder<'_>,
    at: usize,
    subject: &Subject<'_>,
    name: &Name,
    alter: &AlterTable,
) {
    let moves = |kind| kind == K::ADD_CONSTRAINT;
    let all = alter.actions.iter().all(|action| moves(action.kind()));
    let mut found: Vec<(&'static str, String, Vec<String>, bool, _)> = Vec::new();
    for action in &alter.actions {
        match find(folder, at, subject, name, action) {
            Move::Item {
                rule,
                text,
                columns,
                is_key,
                note,
            } if all => {
                let second = found
                    .iter()
                    .any(|(_, _, known, was_key, _)| *known == columns || (is_key && *was_key));
                if second {
                    return;
                }
                found.push((rule, text, columns, is_key, note));
            }
            _ if all => return,
            _ => touch(folder, name, action, subject),
        }
    }
    let text = found
        .iter()
        .map(|(_, text, ..)| text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let mut remarks = comments(subject, &text);
    let mut notes = Vec::new();
    for (rule, text, columns, is_key, note) in found {
        folder.homes[at] = add_item(folder, name, &remarks, &text, columns, is_key);
        remarks.clear();
        if !notes.contains(&note) {
            notes.push(note);
        }
        folder.fates[at] = Fate::Moved(rule, notes.join("; "));
    }
}

fn find(
    folder: &mut Folder<'_>,
    at: usize,
    subject: &Subject<'_>,
    name: &Name,
    action: &SyntaxNode,
) -> Move {
    match action.kind() {
        K::ADD_CONSTRAINT => constraint(folder, subject, name, action),
        K::ALTER_COLUMN => column(folder, at, subject, name, action),
        _ => Move::None,
    }
}

/// The table by this name, and what it looks like.
fn table<'f>(folder: &'f mut Folder<'_>, name: &Name) -> Option<(&'f mut Shape, bool, usize)> {
    let options = folder.options;
    let Some(Object::Table(table)) = folder.get(name) else {
        return None;
    };
    if table.shape.is_none() {
        let subject = Subject::new(&table.text, options, None);
        table.shape = Some(shape(&subject));
    }
    let (filled, at) = (table.filled, table.at);
    let shape = table.shape.as_mut()?.as_mut()?;
    Some((shape, filled, at))
}

fn shape(subject: &Subject<'_>) -> Option<Shape> {
    if !subject.is_understood() {
        return None;
    }
    let create = subject.node(K::CREATE_TABLE)?;
    let other = [K::PARTITION_OF, K::OF_TYPE, K::INHERITS];
    let list = tree::child(&create, K::TABLE_ARG_LIST)?;
    if create.children().any(|child| other.contains(&child.kind()))
        || tree::child(&list, K::LIKE_CLAUSE).is_some()
    {
        return None;
    }
    let last = list.children().last()?;
    let (last_start, last_end) = tree::span(&last);
    let (close, _) = tree::token_span(&tree::token(&list, K::R_PAREN)?);
    let before = subject
        .tokens
        .partition_point(|token| token.end <= last_start);
    let gap = subject
        .text
        .get(subject.tokens.get(before.checked_sub(1)?)?.end..last_start)?;
    let tail = subject.text.get(last_end..close)?.trim_end();
    let keys = [K::PRIMARY_KEY_CONSTRAINT, K::UNIQUE_CONSTRAINT];
    let mut unique = HashSet::new();
    let mut table_key = None;
    for key in list.children().filter(|child| keys.contains(&child.kind())) {
        let columns = key_columns(subject, &key);
        if key.kind() == K::PRIMARY_KEY_CONSTRAINT {
            table_key = Some(columns.clone());
        }
        unique.insert(columns);
    }
    let mut columns_found = HashMap::new();
    let mut has_key = table_key.is_some();
    for column in columns(subject) {
        let has = |kind| tree::child(&column.node, kind).is_some();
        let is_key = has(K::PRIMARY_KEY_CONSTRAINT);
        has_key |= is_key;
        let folded = subject.folded(&column.name);
        if is_key || has(K::UNIQUE_CONSTRAINT) {
            unique.insert(vec![folded.clone()]);
        }
        let in_key = table_key.as_ref().is_some_and(|key| key.contains(&folded));
        let shaped = Shaped {
            end: tree::end(&column.node),
            kind: column
                .kind
                .as_ref()
                .map_or_else(String::new, |kind| canonical(subject, kind)),
            kind_at: column.kind.as_ref().map(|kind| {
                let (start, end) = tree::span(kind);
                KindAt {
                    start,
                    end,
                    written: subject.written(kind).to_owned(),
                    edit: None,
                }
            }),
            not_null: has(K::NOT_NULL_CONSTRAINT) || is_key || in_key,
            nullable: has(K::NULL_CONSTRAINT),
            valued: has(K::DEFAULT_CONSTRAINT) || has(K::GENERATED_CONSTRAINT),
        };
        columns_found.insert(folded, shaped);
    }
    Some(Shape {
        columns: columns_found,
        has_key,
        unique,
        last_end,
        gap: match gap.trim() {
            "" if gap.is_empty() => " ".to_owned(),
            "" => gap.to_owned(),
            _ if gap.contains('\n') => "\n    ".to_owned(),
            _ => " ".to_owned(),
        },
        comments_end: last_end + tail.len(),
        comments: !tail.is_empty(),
        added: 0,
    })
}

fn key_columns(subject: &Subject<'_>, key: &SyntaxNode) -> Vec<String> {
    tree::child(key, K::INDEX_PARAMETERS)
        .and_then(|parameters| tree::child(&parameters, K::CONSTRAINT_COLUMN_REF_LIST))
        .map(|list| column_names(subject, &list))
        .unwrap_or_default()
}

/// ADD PRIMARY KEY and ADD UNIQUE.
fn constraint(
    folder: &mut Folder<'_>,
    subject: &Subject<'_>,
    name: &Name,
    action: &SyntaxNode,
) -> Move {
    let Some(constraint) = action.children().find(|child| {
        matches!(
            child.kind(),
            K::PRIMARY_KEY_CONSTRAINT | K::UNIQUE_CONSTRAINT
        )
    }) else {
        return Move::None;
    };
    let wanted = key_columns(subject, &constraint);
    let included = tree::descendants(&constraint, &[K::CONSTRAINT_INCLUDE_CLAUSE])
        .next()
        .is_some();
    let is_key = constraint.kind() == K::PRIMARY_KEY_CONSTRAINT;
    let Some((shape, ..)) = table(folder, name) else {
        return Move::None;
    };
    if is_key && shape.has_key {
        return Move::SecondKey;
    }
    let known = wanted
        .iter()
        .all(|column| shape.columns.contains_key(column));
    if wanted.is_empty() || !known || included || shape.unique.contains(&wanted) {
        return Move::None;
    }
    Move::Item {
        rule: if is_key {
            add_primary_key::RULE.id()
        } else {
            add_unique::RULE.id()
        },
        text: subject.written(&constraint).to_owned(),
        columns: wanted,
        is_key,
        note: if is_key {
            "the primary key moves into the CREATE TABLE of this script, since none can be added \
             later"
        } else {
            "UNIQUE moves into the CREATE TABLE of this script, where it needs no index of its own"
        },
    }
}

/// ALTER COLUMN.
fn column(
    folder: &mut Folder<'_>,
    at: usize,
    subject: &Subject<'_>,
    name: &Name,
    action: &SyntaxNode,
) -> Move {
    let option = |kind| tree::child(action, kind);
    let Some(column) = tree::child(action, K::COLUMN_NAME_REF) else {
        return Move::None;
    };
    let written = subject.folded(&column);
    if let Some(generated) = option(K::ADD_GENERATED) {
        let Some((shape, filled, _)) = table(folder, name) else {
            return Move::None;
        };
        let fits = shape
            .columns
            .get(&written)
            .is_some_and(|column| column.not_null && !column.valued);
        let default = Name {
            schema: name.schema.clone(),
            name: default_name(&name.name, &written, "seq"),
        };
        if folder.held.contains_key(&default.name) {
            // The identity's sequence would take the name of an older one.
            return Move::None;
        }
        let text = sequence::generated(subject, &generated, &default, folder.options);
        return match text {
            Some(text) if fits && !filled => Move::Words {
                rule: identity_cache::RULE.id(),
                column: written,
                text,
                note: "the identity moves into the CREATE TABLE of this script".to_owned(),
            },
            _ => Move::None,
        };
    }
    if let Some(default) = option(K::SET_DEFAULT) {
        return match sequence::default(folder, subject, name, &written, &default) {
            Some(identity) => {
                let later = (name.name.clone(), written.clone());
                let last = folder.last_default.get(&later).copied();
                let is_last = last.is_none_or(|last| last <= at) && identity.is_last_change(folder);
                let fits = is_last
                    && table(folder, name).is_some_and(|(shape, filled, at)| {
                        !filled
                            && identity.is_after(at)
                            && shape.columns.get(&written).is_some_and(|column| {
                                let counts = ["smallint", "integer", "bigint"];
                                column.not_null
                                    && !column.valued
                                    && counts.contains(&column.kind.as_str())
                            })
                    });
                if fits {
                    Move::Identity(identity, written)
                } else {
                    Move::None
                }
            }
            None => Move::None,
        };
    }
    if let Some(retyped) = option(K::SET_TYPE) {
        return retype(folder, subject, name, written, &retyped).unwrap_or(Move::None);
    }
    if option(K::SET_NOT_NULL).is_some() {
        let Some((shape, ..)) = table(folder, name) else {
            return Move::None;
        };
        let fits = shape
            .columns
            .get(&written)
            .is_some_and(|column| !column.not_null && !column.nullable);
        if fits {
            return Move::Words {
                rule: set_not_null::RULE.id(),
                column: written,
                text: "NOT NULL".to_owned(),
                note: "NOT NULL moves into the CREATE TABLE of this script".to_owned(),
            };
        }
    }
    Move::None
}

/// ALTER COLUMN TYPE of a column without a default, in a table without rows.
fn retype(
    folder: &mut Folder<'_>,
    subject: &Subject<'_>,
    name: &Name,
    column: String,
    retyped: &SyntaxNode,
) -> Option<Move> {
    let (shape, filled, _) = table(folder, name)?;
    let shaped = shape.columns.get(&column)?;
    if filled || shaped.valued || shaped.kind.contains("serial") {
        return None;
    }
    shaped.kind_at.as_ref()?;
    let kind = retyped
        .children()
        .find(|child| TYPES.contains(&child.kind()))?;
    let others = retyped.children().filter(|child| *child != kind);
    let mut has_using = false;
    for other in others {
        match other.kind() {
            K::COLLATE => return None,
            _ => has_using = true,
        }
    }
    Some(Move::Retype {
        column,
        text: subject.written(&kind).to_owned(),
        kind: canonical(subject, &kind),
        has_using,
    })
}

/// Notes what an action that stays has done to its column.
fn touch(folder: &mut Folder<'_>, name: &Name, action: &SyntaxNode, subject: &Subject<'_>) {
    if tree::child(action, K::SET_TYPE).is_some() {
        return folder.forget(name);
    }
    // It makes no difference to what the column holds.
    if tree::child(action, K::SET_NOT_NULL).is_some() {
        return;
    }
    let adds_key = action
        .descendants()
        .any(|node| node.kind() == K::PRIMARY_KEY_CONSTRAINT);
    let column = tree::child(action, K::COLUMN_NAME_REF).map(|column| subject.folded(&column));
    let Some((shape, ..)) = table(folder, name) else {
        return;
    };
    shape.has_key |= adds_key;
    if let Some(column) = column.and_then(|column| shape.columns.get_mut(&column)) {
        column.valued = true;
        column.nullable = true;
    }
}

fn carry_out(folder: &mut Folder<'_>, at: usize, subject: &Subject<'_>, name: &Name, found: Move) {
    match found {
        Move::None => {
            if let Some(alter) = AlterTable::of(subject) {
                for action in &alter.actions {
                    touch(folder, name, action, subject);
                }
            }
        }
        Move::SecondKey => {
            let rule = add_primary_key::RULE.id();
            folder.fates[at] = Fate::Refused(Refused {
                rule,
                message: "the table has a primary key already, and a table has only one: take one \
                          of them out",
                refusal: Refusal::unsupported(
                    rule,
                    "unsupported ALTER TABLE ADD CONSTRAINT statement",
                ),
            });
        }
        Move::Item {
            rule,
            text,
            columns,
            is_key,
            note,
        } => {
            let remarks = comments(subject, &text);
            folder.homes[at] = add_item(folder, name, &remarks, &text, columns, is_key);
            folder.fates[at] = Fate::Moved(rule, note.to_owned());
        }
        Move::Words {
            rule,
            column,
            text,
            note,
        } => {
            let remarks = comments(subject, &text);
            folder.homes[at] = add_words(folder, name, &column, &remarks, &text);
            folder.fates[at] = Fate::Moved(rule, note);
        }
        Move::Retype {
            column,
            text,
            kind,
            has_using,
        } => {
            let remarks = comments(subject, &text);
            let Some((shape, _, home)) = table(folder, name) else {
                return;
            };
            let Some(shaped) = shape.columns.get_mut(&column) else {
                return;
            };
            let Some(mut at_home) = shaped.kind_at.take() else {
                return;
            };
            shaped.kind = kind;
            let words = commented(&remarks, &text, "");
            let old = std::mem::replace(&mut at_home.written, text.clone());
            let edits = &mut folder.inner[home];
            match at_home.edit.and_then(|edit| edits.get_mut(edit)) {
                // It had been changed before: the comments of that stay.
                Some(edit) => {
                    edit.text.truncate(edit.text.len() - old.len());
                    edit.text.push_str(&words);
                }
                None => {
                    at_home.edit = Some(edits.len());
                    edits.push(Edit::replace(at_home.start, at_home.end, words));
                }
            }
            folder.homes[at] = Some(home);
            let column = table(folder, name).and_then(|(shape, ..)| shape.columns.get_mut(&column));
            if let Some(column) = column {
                column.kind_at = Some(at_home);
            }
            let using = if has_using {
                "; USING is left out, since there is no row to convert"
            } else {
                ""
            };
            folder.fates[at] = Fate::Moved(
                alter_column_type::RULE.id(),
                format!("{old} becomes {text} in the CREATE TABLE of this script already{using}"),
            );
        }
        Move::Identity(identity, column) => {
            let mut remarks: Vec<&str> = identity.comments.iter().map(String::as_str).collect();
            remarks.extend(comments(subject, &identity.text));
            let home = add_words(folder, name, &column, &remarks, &identity.text);
            identity.moved(folder, at, home);
        }
    }
}

/// Puts a constraint at the end of the list; says of which statement.
fn add_item(
    folder: &mut Folder<'_>,
    name: &Name,
    comments: &[&str],
    text: &str,
    columns: Vec<String>,
    is_key: bool,
) -> Option<usize> {
    let (shape, _, at) = table(folder, name)?;
    shape.has_key |= is_key;
    for column in columns.iter().filter(|_| is_key) {
        if let Some(column) = shape.columns.get_mut(column) {
            column.not_null = true;
        }
    }
    shape.unique.insert(columns);
    let mut gap = shape.gap.clone();
    let first = shape.added == 0;
    shape.added += 1;
    let mut edits = Vec::new();
    if first && shape.comments {
        edits.push(Edit::insert(shape.last_end, ","));
        if !gap.contains('\n') {
            gap = "\n    ".to_owned();
        }
    }
    let comma = if first && shape.comments { "" } else { "," };
    let item = commented(comments, text, &gap);
    edits.push(Edit::insert(shape.comments_end, format!("{comma}{item}")));
    folder.edits[at].extend(edits);
    Some(at)
}

/// Puts words at the end of a column; says of which statement.
fn add_words(
    folder: &mut Folder<'_>,
    name: &Name,
    column: &str,
    comments: &[&str],
    text: &str,
) -> Option<usize> {
    let (shape, _, at) = table(folder, name)?;
    let shaped = shape.columns.get_mut(column)?;
    shaped.not_null = true;
    shaped.valued |= text != "NOT NULL";
    let edit = Edit::insert(shaped.end, commented(comments, text, " "));
    folder.inner[at].push(edit);
    Some(at)
}
