//! The values of a domain that stands for an enum.
//!
//! The new CHECK comes before the old one goes: were it refused, nothing would
//! be lost.

use serde::Deserialize;

use crate::batches::{Batches, Change};
use crate::lex::{Lexer, TokenKind};
use crate::lookup;
use crate::plan::{Options, Plan, Step};
use crate::rules::{default_name, quoted};

/// ALTER TYPE … ADD VALUE or RENAME VALUE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DomainValue {
    pub(crate) rule: &'static str,
    /// Qualified and quoted as written.
    pub(crate) domain: String,
    pub(crate) change: ValueChange,
    pub(crate) options: Options,
}

/// Values are string constants as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValueChange {
    Add { value: String, if_not_exists: bool },
    Rename { from: String, to: String },
}

#[derive(Debug, Deserialize)]
struct Answer {
    name: String,
    is_domain: bool,
    constraints: Vec<Constraint>,
    columns: Vec<Column>,
}

#[derive(Debug, Deserialize)]
struct Constraint {
    name: String,
    definition: String,
}

#[derive(Debug, Deserialize)]
struct Column {
    /// Quoted and qualified.
    table: String,
    name: String,
}

const QUERY: &str = "
SELECT COALESCE((SELECT pg_catalog.json_build_object(
  'name', t.typname,
  'is_domain', t.typtype = 'd',
  'constraints', COALESCE((
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', k.conname, 'definition', pg_catalog.pg_get_constraintdef(k.oid)) ORDER BY k.conname)
    FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), '[]'),
  'columns', COALESCE((
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'table', pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), 'name', a.attname)
      ORDER BY c.relname, a.attnum)
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE a.atttypid = t.oid AND NOT a.attisdropped), '[]')
)::text
FROM pg_catalog.pg_type t WHERE t.oid = pg_catalog.to_regtype('$domain')), 'null')";

impl DomainValue {
    pub(crate) fn query(&self) -> String {
        lookup::query(QUERY, &[("'$domain'", &self.domain)])
    }

    pub(crate) fn plan(&self, answer: &str) -> Plan {
        lookup::planned(self.rule, self.planned(answer))
    }

    fn planned(&self, answer: &str) -> Result<Plan, String> {
        let answer: Option<Answer> = lookup::read(&self.domain, answer)?;
        let Some(answer) = answer.filter(|answer| answer.is_domain) else {
            return Err(format!("there is no domain {}", self.domain));
        };
        let [constraint] = answer.constraints.as_slice() else {
            return Err(format!(
                "the values of {} stand in {} CHECKs, not in one: change them with ALTER DOMAIN",
                self.domain,
                answer.constraints.len()
            ));
        };
        let values = listed(&constraint.definition).ok_or_else(|| {
            format!(
                "the CHECK of {} is no list of values ({}): change it with ALTER DOMAIN",
                self.domain, constraint.definition
            )
        })?;
        let mut names = Names::new(&answer, constraint);
        let mut plan = Plan {
            changed: true,
            ..Plan::default()
        };
        match &self.change {
            ValueChange::Add {
                value,
                if_not_exists,
            } => {
                if values.contains(value) {
                    if *if_not_exists {
                        return Ok(Plan::default());
                    }
                    return Err(format!(
                        "{value} is among the values of {} already",
                        self.domain
                    ));
                }
                let more: Vec<_> = values.iter().chain([value]).cloned().collect();
                self.check(&mut plan, &mut names, &more);
            }
            ValueChange::Rename { from, to } => {
                if !values.contains(from) {
                    return Err(format!("{from} is not among the values of {}", self.domain));
                }
                if values.contains(to) {
                    return Err(format!(
                        "{to} is among the values of {} already",
                        self.domain
                    ));
                }
                let more: Vec<_> = values.iter().chain([to]).cloned().collect();
                self.check(&mut plan, &mut names, &more);
                for Column { table, name } in &answer.columns {
                    plan.steps.push(Step::Batches(Batches {
                        table: table.clone(),
                        only: false,
                        change: Change::Set {
                            column: quoted(name),
                            from: from.clone(),
                            to: to.clone(),
                        },
                        rows: self.options.batch(),
                    }));
                }
                let renamed: Vec<_> = values
                    .iter()
                    .map(|value| if value == from { to } else { value })
                    .cloned()
                    .collect();
                self.check(&mut plan, &mut names, &renamed);
            }
        }
        Ok(plan)
    }

    /// Another CHECK in place of the one there is.
    fn check(&self, plan: &mut Plan, names: &mut Names, values: &[String]) {
        let (old, new) = names.next();
        plan.steps.push(Step::Ddl(format!(
            "ALTER DOMAIN {} ADD CONSTRAINT {} CHECK (VALUE IN ({}))",
            self.domain,
            quoted(&new),
            values.join(", ")
        )));
        plan.steps.push(Step::Ddl(format!(
            "ALTER DOMAIN {} DROP CONSTRAINT {}",
            self.domain,
            quoted(&old)
        )));
    }
}

/// The name of the CHECK there is, and of the one to come.
struct Names {
    current: String,
    default: String,
}

impl Names {
    fn new(answer: &Answer, constraint: &Constraint) -> Self {
        Self {
            current: constraint.name.clone(),
            default: default_name(&answer.name, "", "check"),
        }
    }

    fn next(&mut self) -> (String, String) {
        let new = if self.current == self.default {
            format!("{}1", self.default)
        } else {
            self.default.clone()
        };
        (std::mem::replace(&mut self.current, new.clone()), new)
    }
}

/// The values of `CHECK (VALUE IN (…))`, as PostgreSQL prints it.
fn listed(definition: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    for token in Lexer::new(definition) {
        let text = token.text(definition);
        let known = ["check", "value", "any", "array", "text", "in"];
        match token.kind {
            TokenKind::String => values.push(text.to_owned()),
            TokenKind::Word if !known.iter().any(|word| token.is_word(definition, word)) => {
                return None;
            }
            _ => {}
        }
    }
    (!values.is_empty()).then_some(values)
}
