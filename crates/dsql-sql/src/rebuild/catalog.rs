//! A table as the catalog describes it.

use serde::Deserialize;

use crate::lookup;

/// A query that answers, as one JSON text, all there is to know of a table;
/// `null` where there is no such table.
pub(super) fn query(table: &str) -> String {
    // Names come as the catalog holds them where a plan compares them, and
    // quoted where it only writes them.
    lookup::query(include_str!("catalog.sql"), &[("'$table'", table)])
}

/// What the [`query`] answers.
#[derive(Debug, Deserialize)]
pub(super) struct Table {
    /// Quoted where it needs it.
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) kind: String,
    /// Quoted where it needs it; `None` where it is the one who asks.
    pub(super) owner: Option<String>,
    pub(super) comment: Option<String>,
    pub(super) columns: Vec<Column>,
    pub(super) constraints: Vec<Constraint>,
    pub(super) indexes: Vec<Index>,
    pub(super) referenced_by: Vec<Reference>,
    pub(super) views: Vec<View>,
    /// What else needs the table as it is: functions, and columns of its type.
    pub(super) dependents: Vec<String>,
    pub(super) sequences: Vec<OwnedSequence>,
    pub(super) grants: Vec<Grant>,
    /// CREATE STATISTICS, each.
    pub(super) statistics: Vec<String>,
    /// Relations of its schema that an earlier rebuild may have left.
    pub(super) taken: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) type_name: String,
    pub(super) not_null: bool,
    /// The default, or what it is generated from.
    pub(super) default: Option<String>,
    pub(super) generated: bool,
    pub(super) identity: Option<Identity>,
    /// Where it is not the type's own.
    pub(super) storage: Option<String>,
    pub(super) comment: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Identity {
    pub(super) always: bool,
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) start: i64,
    pub(super) increment: i64,
    pub(super) min: i64,
    pub(super) max: i64,
    pub(super) cache: i64,
    pub(super) cycle: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Constraint {
    pub(super) name: String,
    /// `p`, `u`, `c` or `f`.
    pub(super) kind: String,
    pub(super) definition: String,
    pub(super) columns: Vec<String>,
    pub(super) validated: bool,
    /// Of a foreign key: does it point at its own table?
    pub(super) own: bool,
    /// Of a foreign key: the types it points at.
    pub(super) target_types: Vec<String>,
    /// Of a foreign key: the columns it points at.
    pub(super) target_columns: Vec<String>,
    pub(super) comment: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Index {
    pub(super) name: String,
    pub(super) definition: String,
    pub(super) unique: bool,
    pub(super) valid: bool,
    /// Empty where it has expressions or a predicate.
    pub(super) columns: Vec<String>,
    pub(super) comment: Option<String>,
}

/// A foreign key of another table that points here.
#[derive(Debug, Deserialize)]
pub(super) struct Reference {
    pub(super) name: String,
    /// Quoted and qualified.
    pub(super) table: String,
    pub(super) definition: String,
    /// The columns here.
    pub(super) columns: Vec<String>,
    /// The types of the columns there.
    pub(super) types: Vec<String>,
    pub(super) validated: bool,
    pub(super) comment: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct View {
    /// Quoted and qualified.
    pub(super) name: String,
    pub(super) definition: String,
    pub(super) options: Option<String>,
    /// The columns of the table that it needs.
    pub(super) columns: Vec<String>,
    /// Does it rely on a key, as GROUP BY may?
    pub(super) needs_key: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct OwnedSequence {
    /// Quoted and qualified.
    pub(super) name: String,
    pub(super) column: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Grant {
    pub(super) privilege: String,
    pub(super) column: Option<String>,
    /// Quoted where it needs it.
    pub(super) grantee: String,
    pub(super) grantable: bool,
}
