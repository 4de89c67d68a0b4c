//! ALTER COLUMN TYPE.

use super::alter_table::AlterTable;
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "alter_column_type",
    summary: "A column's type cannot be changed in place",
    since: GA,
    page: page::ALTER_TABLE,
    forms: &[Form::AlterTable],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(table) = AlterTable::of(subject) else {
        return;
    };
    for action in &table.actions {
        let Some(option) = tree::child(action, K::SET_TYPE) else {
            continue;
        };
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&option),
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "unsupported ALTER TABLE ALTER COLUMN ... SET DATA TYPE statement",
            )),
            fix: Fix::Refuse(
                "a column's type cannot be changed in place: add a new column, copy the values in \
                 batches, drop the old column and rename the new one; making that plan for you is \
                 not there yet"
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
        assert_snapshot!(checked("ALTER TABLE pet RENAME COLUMN kind TO species"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("ALTER TABLE pet ALTER COLUMN age TYPE bigint"), @"0A000 unsupported ALTER TABLE ALTER COLUMN ... SET DATA TYPE statement");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("ALTER TABLE pet ALTER age SET DATA TYPE bigint USING age::bigint"), @"-- error: a column's type cannot be changed in place: add a new column, copy the values in batches, drop the old column and rename the new one; making that plan for you is not there yet [alter_column_type]; the service answers 0A000: unsupported ALTER TABLE ALTER COLUMN ... SET DATA TYPE statement");
    }
}
