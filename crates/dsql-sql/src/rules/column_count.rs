//! Columns of a table.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "column_count",
    summary: "A table has at most 255 columns",
    since: GA,
    page: page::QUOTAS,
    forms: &[Form::CreateTable, Form::CreateSchema],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(tree) = subject.tree() else { return };
    for list in tree::descendants(tree, &[K::TABLE_ARG_LIST]) {
        if tree::children(&list, K::COLUMN).count() > 255 {
            findings.push(Finding {
                rule: RULE.id,
                at: tree::start(&list),
                refusal: Some(Refusal::new(
                    RULE.id,
                    "54011",
                    "tables can have at most 255 columns",
                )),
                fix: Fix::Refuse(
                    "a table has at most 255 columns: cut it in two, or put the rare ones into \
                     jsonb"
                        .to_owned(),
                ),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    fn wide() -> String {
        let columns: Vec<_> = (0..256).map(|n| format!("c{n} int")).collect();
        format!("CREATE TABLE t ({})", columns.join(", "))
    }

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE t (a int, b int)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked(&wide()), @"54011 tables can have at most 255 columns");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned(&wide()), @"-- error: a table has at most 255 columns: cut it in two, or put the rare ones into jsonb [column_count]; the service answers 54011: tables can have at most 255 columns");
    }
}
