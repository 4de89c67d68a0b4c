//! Of each rule a statement that the service refuses by it, from the tables of what it answers.

use std::collections::HashMap;

use dsql_sql::conformance::{Answer, Row, rows};
use dsql_sql::{Options, Plan, Remedy, Rule, Step, lint, translate};

/// The examples, by rule.
pub(super) struct Examples(HashMap<&'static str, Example>);

/// A row of the tables.
pub(super) struct Example {
    pub(super) row: Row,
}

impl Examples {
    /// The best row of each rule: recorded words count more than none, then the first counts.
    pub(super) fn of_the_tables() -> Self {
        let mut examples: HashMap<&'static str, Example> = HashMap::new();
        for row in rows() {
            let Some(rule) = row.rule() else { continue };
            let is_better = examples
                .get(rule)
                .is_none_or(|known| worth(&row) > worth(&known.row));
            if is_better {
                examples.insert(rule, Example { row });
            }
        }
        Self(examples)
    }

    pub(super) fn get(&self, rule: &Rule) -> Option<&Example> {
        self.0.get(rule.id())
    }
}

fn worth(row: &Row) -> (u8, bool) {
    let words = match row.answer {
        Answer::Refused(_) => 3,
        Answer::Presumed(_) => 2,
        Answer::RefusedSomehow => 1,
        _ => 0,
    };
    // Conflicts and limits have a table of their own, and come up in others.
    (words, words == 0 && row.file == "limits.txt")
}

impl Example {
    /// The statement with those that come before it.
    pub(super) fn sql(&self) -> String {
        let mut sql = String::new();
        for statement in self.row.before.iter().chain([&self.row.statement]) {
            sql.push_str(statement);
            sql.push_str(";\n");
        }
        sql
    }

    /// What translation makes of it.
    pub(super) fn translated(&self) -> String {
        self.plan().to_string()
    }

    /// How it is fixed, in a word; empty for what only shows at run time.
    pub(super) fn fix(&self, rule: &Rule) -> &'static str {
        let plan = self.plan();
        let is_added = || {
            lint(&self.row.statement)
                .iter()
                .any(|found| found.rule == rule.id() && found.remedy == Remedy::Fixed)
        };
        if matches!(self.row.answer, Answer::AtRunTime(_)) {
            ""
        } else if !plan.errors.is_empty() {
            "by hand"
        } else if plan
            .steps
            .iter()
            .any(|step| matches!(step, Step::Lookup(_)))
        {
            "by plan"
        } else if is_added() {
            "added"
        } else {
            "rewritten"
        }
    }

    /// A transaction that is open is committed.
    fn plan(&self) -> Plan {
        let first = self.row.before.first();
        let begins = first.is_some_and(|first| first.starts_with("BEGIN"));
        let end = if begins { "COMMIT;" } else { "" };
        translate(&format!("{}{end}", self.sql()), &Options::default())
    }
}
