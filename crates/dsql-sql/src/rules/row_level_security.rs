//! Row level security.

use super::alter_table::AlterTable;
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "row_level_security",
    summary: "Row level security is not supported",
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
        if !matches!(action.kind(), K::ENABLE_RLS | K::FORCE_RLS) {
            continue;
        }
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(action),
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "unsupported ALTER TABLE ENABLE ROW SECURITY",
            )),
            fix: Fix::Refuse(
                "row level security is not supported: filter in a view, and grant on the view \
                 instead of the table"
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
        assert_snapshot!(checked("ALTER TABLE pet OWNER TO clerk"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("ALTER TABLE pet ENABLE ROW LEVEL SECURITY"), @"0A000 unsupported ALTER TABLE ENABLE ROW SECURITY");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("ALTER TABLE pet FORCE ROW LEVEL SECURITY"), @"-- error: row level security is not supported: filter in a view, and grant on the view instead of the table [row_level_security]; the service answers 0A000: unsupported ALTER TABLE ENABLE ROW SECURITY");
    }
}
