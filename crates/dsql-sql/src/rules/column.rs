//! What column rules share: columns of a statement and the names of types.

use super::prelude::*;

/// A column that a statement defines.
pub(super) struct Column {
    pub(super) node: SyntaxNode,
    pub(super) name: SyntaxNode,
    /// Its type.
    pub(super) kind: Option<SyntaxNode>,
}

const TYPES: &[K] = &[
    K::ARRAY_TYPE,
    K::PATH_TYPE,
    K::VARCHAR_TYPE,
    K::CHARACTER_TYPE,
    K::BIT_TYPE,
    K::BIT_VARYING_TYPE,
    K::DOUBLE_TYPE,
    K::TIME_TYPE,
    K::TIMESTAMP_TYPE,
    K::INTERVAL_TYPE,
];

/// The columns of CREATE TABLE and of ADD COLUMN, in order of text.
pub(super) fn columns(subject: &Subject<'_>) -> Vec<Column> {
    let Some(tree) = subject.tree() else {
        return Vec::new();
    };
    tree::descendants(tree, &[K::COLUMN, K::ADD_COLUMN])
        .filter_map(|node| {
            let name = tree::child(&node, K::COLUMN_NAME)?;
            let kind = node.children().find(|child| TYPES.contains(&child.kind()));
            Some(Column { node, name, kind })
        })
        .collect()
}

/// The last part of a type's name as PostgreSQL folds it: lower case unless
/// quoted. `None` for types of several words.
pub(super) fn type_name(subject: &Subject<'_>, kind: &SyntaxNode) -> Option<String> {
    let path = tree::child(kind, K::PATH_REF)?;
    let (start, end) = tree::span(&path);
    let last = subject
        .tokens
        .iter()
        .rfind(|token| token.start >= start && token.end <= end)?;
    Some(super::name::folded(last.text(subject.text)))
}
