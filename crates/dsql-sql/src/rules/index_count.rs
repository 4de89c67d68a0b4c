//! Indexes of a table.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "index_count",
    summary: "A table has at most 24 indexes, those of its keys included",
    since: GA,
    page: page::QUOTAS,
    forms: &[Form::CreateTable, Form::CreateSchema],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(tree) = subject.tree() else { return };
    for list in tree::descendants(tree, &[K::TABLE_ARG_LIST]) {
        let keys = tree::descendants(&list, &[K::PRIMARY_KEY_CONSTRAINT, K::UNIQUE_CONSTRAINT]);
        if keys.count() <= 24 {
            continue;
        }
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&list),
            refusal: Some(Refusal::new(
                RULE.id,
                "54000",
                "more than 24 indexes per table are not allowed",
            )),
            fix: Fix::Refuse(
                "a table has at most 24 indexes: take constraints out, or cut the table in two"
                    .to_owned(),
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    fn keyed(keys: usize) -> String {
        let columns: Vec<_> = (0..keys).map(|n| format!("c{n} int UNIQUE")).collect();
        format!("CREATE TABLE t ({})", columns.join(", "))
    }

    #[test]
    fn accepted() {
        assert_snapshot!(checked(&keyed(24)), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked(&keyed(25)), @"54000 more than 24 indexes per table are not allowed");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned(&keyed(25)), @"-- error: a table has at most 24 indexes: take constraints out, or cut the table in two [index_count]; the service answers 54000: more than 24 indexes per table are not allowed");
    }
}
