//! What rules about ALTER TABLE share.

use super::prelude::*;

/// The statement once for each of its actions; `None` when it has only one.
pub(crate) fn single_actions(subject: &Subject<'_>) -> Option<Vec<Part>> {
    let statement = AlterTable::of(subject)?;
    if statement.actions.len() < 2 {
        return None;
    }
    let last = statement.actions.len() - 1;
    let parts = statement.actions.iter().enumerate().map(|(n, action)| {
        let (start, end) = tree::span(action);
        let from = if n == 0 { 0 } else { subject.start() };
        let to = if n == last { subject.text.len() } else { end };
        Part::Sql(format!(
            "{} {}",
            &subject.text[from..statement.head],
            &subject.text[start..to]
        ))
    });
    Some(parts.collect())
}

/// ALTER TABLE and its parts.
pub(super) struct AlterTable {
    /// Where the table's name ends.
    pub(super) head: usize,
    pub(super) actions: Vec<SyntaxNode>,
}

impl AlterTable {
    pub(super) fn of(subject: &Subject<'_>) -> Option<Self> {
        if subject.form != Form::AlterTable {
            return None;
        }
        let node = tree::child(subject.tree()?, K::ALTER_TABLE)?;
        let name = tree::child(&node, K::TABLE_RELATION_NAME)?;
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
            head: tree::end(&name),
            actions,
        })
    }
}
