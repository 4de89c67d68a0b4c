//! A table made from a query: CREATE TABLE AS and SELECT INTO.
//!
//! A view of the query tells the columns; it stands as long as rows are
//! inserted from it.

use serde::Deserialize;

use crate::batches::{Batches, Change, Copied, Copy};
use crate::lookup;
use crate::plan::{Options, Plan, Step};
use crate::rules::quoted;
use crate::translate;

/// The table that a view of the query fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CreateAs {
    pub(crate) rule: &'static str,
    /// Qualified and quoted as written.
    pub(crate) table: String,
    pub(crate) view: String,
    pub(crate) if_not_exists: bool,
    pub(crate) with_data: bool,
    pub(crate) options: Options,
}

#[derive(Debug, Deserialize)]
struct Answer {
    exists: bool,
    columns: Vec<Column>,
}

#[derive(Debug, Deserialize)]
struct Column {
    name: String,
    type_name: String,
}

const QUERY: &str = "
SELECT pg_catalog.json_build_object(
  'exists', pg_catalog.to_regclass('$table') IS NOT NULL,
  'columns', COALESCE((
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', a.attname, 'type_name', pg_catalog.format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = pg_catalog.to_regclass('$view') AND a.attnum > 0 AND NOT a.attisdropped), '[]')
)::text";

impl CreateAs {
    pub(crate) fn query(&self) -> String {
        let places = [("'$table'", self.table.as_str()), ("'$view'", &self.view)];
        lookup::query(QUERY, &places)
    }

    pub(crate) fn plan(&self, answer: &str) -> Plan {
        lookup::planned(self.rule, self.planned(answer))
    }

    fn planned(&self, answer: &str) -> Result<Plan, String> {
        let answer: Answer = lookup::read(&self.table, answer)?;
        let drop_view = Step::Ddl(format!("DROP VIEW {}", self.view));
        if answer.exists && self.if_not_exists {
            return Ok(Plan {
                steps: vec![drop_view],
                ..Plan::default()
            });
        }
        let mut columns = Vec::new();
        let mut copied = Vec::new();
        for Column { name, type_name } in &answer.columns {
            let name = quoted(name);
            // The rulebook makes it jsonb.
            let value = if type_name.ends_with(']') {
                format!("pg_catalog.to_jsonb({name})")
            } else {
                name.clone()
            };
            columns.push(format!("{name} {type_name}"));
            copied.push(Copied {
                name,
                value,
                has_equality: true,
            });
        }
        let create = format!("CREATE TABLE {} ({})", self.table, columns.join(", "));
        let mut plan = translate(&create, &self.options);
        if let Some(error) = plan.errors.first() {
            return Err(format!(
                "{}; the query is kept as view {}, which you may drop",
                error.message, self.view
            ));
        }
        if answer.exists {
            // CREATE TABLE fails, and says so; nothing is left behind.
            plan.steps.insert(0, drop_view);
            return Ok(plan);
        }
        if self.with_data {
            plan.steps.push(Step::Batches(Batches {
                table: self.table.clone(),
                only: false,
                change: Change::Copy(Copy {
                    from: self.view.clone(),
                    alias: "dsql_query".to_owned(),
                    columns: copied,
                    matched: Vec::new(),
                    key: Vec::new(),
                    same_order: false,
                    overriding: false,
                }),
                rows: self.options.batch(),
            }));
        }
        plan.steps.push(drop_view);
        Ok(plan)
    }
}
