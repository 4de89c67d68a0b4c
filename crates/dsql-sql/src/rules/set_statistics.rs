//! ALTER COLUMN SET STATISTICS.

use super::alter_table::AlterTable;
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "set_statistics",
    summary: "A column's statistics target cannot be set",
    since: "2026-10-01",
    page: page::ALTER_TABLE,
    forms: &[Form::AlterTable],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(table) = AlterTable::of(subject) else {
        return;
    };
    for action in &table.actions {
        let Some(option) = tree::child(action, K::SET_STATISTICS) else {
            continue;
        };
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&option),
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "unsupported ALTER TABLE ALTER COLUMN ... SET STATISTICS statement",
            )),
            fix: Fix::Refuse(
                "statistics are collected by the service: take the action out, or CREATE \
                 STATISTICS over several columns"
                    .to_owned(),
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE STATISTICS s ON a, b FROM pet"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("ALTER TABLE pet ALTER COLUMN age SET STATISTICS 500"), @"0A000 unsupported ALTER TABLE ALTER COLUMN ... SET STATISTICS statement");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("ALTER TABLE pet ALTER COLUMN age SET STATISTICS 500"), @"-- error: statistics are collected by the service: take the action out, or CREATE STATISTICS over several columns [set_statistics]; the service answers 0A000: unsupported ALTER TABLE ALTER COLUMN ... SET STATISTICS statement");
    }
}
