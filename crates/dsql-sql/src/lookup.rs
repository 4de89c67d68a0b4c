//! Steps that hang on what the catalog holds.

use crate::plan::Plan;

/// A statement whose steps depend on the database: the columns of a table,
/// its indexes, the keys that point at it.
///
/// Run [`query`](Self::query), hand its answer to [`plan`](Self::plan), and
/// run that plan. The same answer gives the same plan, so a runner that keeps
/// the answer can go on where it was stopped.
///
/// ```
/// use dsql_sql::{Options, Step, translate};
///
/// let plan = translate("ALTER TABLE pet ALTER COLUMN age TYPE bigint", &Options::default());
/// let Step::Lookup(lookup) = &plan.steps[0] else { unreachable!() };
/// assert!(lookup.query().contains("to_regclass('pet')"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    pub(crate) statement: String,
    pub(crate) kind: Kind,
}

/// What is looked up, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {}

impl Lookup {
    /// The statement it stands for, as written.
    pub fn statement(&self) -> &str {
        &self.statement
    }

    /// A query that answers one row of one text column.
    pub fn query(&self) -> String {
        match self.kind {}
    }

    /// What to run, given what the [`query`](Self::query) answered. None of
    /// its steps is a lookup. Its places are all 0.
    pub fn plan(&self, _answer: &str) -> Plan {
        match self.kind {}
    }
}
