//! Steps that hang on what the catalog holds.

use crate::create_as::CreateAs;
use crate::domain_value::DomainValue;
use crate::plan::{Plan, PlanError};
use crate::rebuild::Rebuild;

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
pub(crate) enum Kind {
    Rebuild(Rebuild),
    CreateAs(CreateAs),
    DomainValue(DomainValue),
}

impl Lookup {
    /// The statement it stands for, as written.
    pub fn statement(&self) -> &str {
        &self.statement
    }

    /// A query that answers one row of one text column.
    pub fn query(&self) -> String {
        match &self.kind {
            Kind::Rebuild(rebuild) => rebuild.query(),
            Kind::CreateAs(table) => table.query(),
            Kind::DomainValue(value) => value.query(),
        }
    }

    /// What to run, given what the [`query`](Self::query) answered. None of
    /// its steps is a lookup. Its places are all 0.
    pub fn plan(&self, answer: &str) -> Plan {
        match &self.kind {
            Kind::Rebuild(rebuild) => rebuild.plan(answer),
            Kind::CreateAs(table) => table.plan(answer),
            Kind::DomainValue(value) => value.plan(answer),
        }
    }
}

/// What the catalog answered, as a value.
pub(crate) fn read<'a, T: serde::Deserialize<'a>>(
    what: &str,
    answer: &'a str,
) -> Result<T, String> {
    serde_json::from_str(answer).map_err(|error| {
        format!(
            "what the catalog says of {what} could not be read ({error}): run the query of this \
             step yourself and see what it answers"
        )
    })
}

/// A plan, or why there is none.
pub(crate) fn planned(rule: &'static str, result: Result<Plan, String>) -> Plan {
    result.unwrap_or_else(|message| Plan {
        errors: vec![PlanError {
            rule,
            message,
            offset: 0,
            refusal: None,
        }],
        changed: true,
        ..Plan::default()
    })
}

/// A query on one line, without its comments, with literals in its places.
pub(crate) fn query(text: &str, places: &[(&str, &str)]) -> String {
    let lines: Vec<_> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("--"))
        .collect();
    places
        .iter()
        .fold(lines.join(" "), |query, (place, value)| {
            query.replace(place, &crate::quote_literal(value))
        })
}
