//! What constraint rules share: their options, their names, their text.

use std::collections::HashMap;

use super::column::{Column, columns};
use super::prelude::*;

/// The keys that a statement defines with its tables, each with those of its
/// columns that are defined there too.
pub(super) fn keys<'s>(subject: &'s Subject<'_>) -> Vec<(SyntaxNode, Vec<&'s Column>)> {
    let Some(tree) = subject.tree() else {
        return Vec::new();
    };
    let columns = columns(subject);
    // By the start of their list and by name, in order of text.
    let mut named: HashMap<(usize, String), Vec<usize>> = HashMap::new();
    for (at, column) in columns.iter().enumerate() {
        if let Some(list) = column.node.parent() {
            let name = subject.folded(&column.name);
            named
                .entry((tree::start(&list), name))
                .or_default()
                .push(at);
        }
    }
    tree::descendants(tree, &[K::PRIMARY_KEY_CONSTRAINT, K::UNIQUE_CONSTRAINT])
        .map(|key| {
            let list = tree::child(&key, K::INDEX_PARAMETERS)
                .and_then(|parameters| tree::child(&parameters, K::CONSTRAINT_COLUMN_REF_LIST));
            let parent = key.parent().map_or(0, |parent| tree::start(&parent));
            let mut inside: Vec<usize> = match list.map(|list| column_names(subject, &list)) {
                Some(names) => names
                    .into_iter()
                    .filter_map(|name| named.get(&(parent, name)))
                    .flatten()
                    .copied()
                    .collect(),
                None => {
                    let at = columns.partition_point(|column| tree::start(&column.node) < parent);
                    let is_own = |at: &usize| {
                        columns.get(*at).map(|column| &column.node) == key.parent().as_ref()
                    };
                    Some(at).filter(is_own).into_iter().collect()
                }
            };
            inside.sort_unstable();
            inside.dedup();
            (key, inside.into_iter().map(|at| &columns[at]).collect())
        })
        .collect()
}

/// The option that defers a constraint.
pub(super) fn deferral(constraint: &SyntaxNode) -> Option<SyntaxNode> {
    constraint.children().find(|child| {
        matches!(
            child.kind(),
            K::DEFERRABLE_CONSTRAINT_OPTION | K::INITIALLY_DEFERRED_CONSTRAINT_OPTION
        )
    })
}

/// The name a constraint is given, as written.
pub(super) fn constraint_name(subject: &Subject<'_>, constraint: &SyntaxNode) -> Option<String> {
    let clause = tree::child(constraint, K::CONSTRAINT_NAME_CLAUSE)?;
    let name = tree::child(&clause, K::CONSTRAINT_NAME)?;
    Some(subject.written(&name).to_owned())
}

/// A constraint without `CONSTRAINT name`, as written.
pub(super) fn unnamed<'a>(subject: &Subject<'a>, constraint: &SyntaxNode) -> &'a str {
    let (mut start, end) = tree::span(constraint);
    if let Some(clause) = tree::child(constraint, K::CONSTRAINT_NAME_CLAUSE) {
        start = crate::lex::skip_blank(subject.text.as_bytes(), tree::end(&clause)).min(end);
    }
    &subject.text[start..end]
}

/// The columns of a list, as the catalog holds them.
pub(crate) fn column_names(subject: &Subject<'_>, list: &SyntaxNode) -> Vec<String> {
    tree::children(list, K::COLUMN_NAME_REF)
        .map(|name| subject.folded(&name))
        .collect()
}

/// The name PostgreSQL gives a CHECK: with its column when it reads exactly
/// one.
pub(super) fn default_check_name(
    subject: &Subject<'_>,
    table: &str,
    constraint: &SyntaxNode,
) -> String {
    let mut columns: Vec<String> = tree::descendants(constraint, &[K::NAME_REF])
        .filter(|name| {
            // The name of a function is no column.
            !name.parent().is_some_and(|parent| {
                parent.kind() == K::CALL_EXPR && tree::start(&parent) == tree::start(name)
            })
        })
        .map(|name| subject.folded(&name))
        .collect();
    columns.sort();
    columns.dedup();
    match columns.as_slice() {
        [column] => subject.default_name(table, column, "check"),
        _ => subject.default_name(table, "", "check"),
    }
}
