//! Columns of a key.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "key_columns",
    summary: "A key has at most 8 columns",
    since: GA,
    page: page::QUOTAS,
    forms: &[
        Form::CreateTable,
        Form::CreateSchema,
        Form::CreateIndex,
        Form::AlterTable,
    ],
    matches: Match::Places(find),
};

const KEYS: &[K] = &[K::CONSTRAINT_COLUMN_REF_LIST, K::PARTITION_ITEM_LIST];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(tree) = subject.tree() else { return };
    for list in tree::descendants(tree, KEYS) {
        let parent = list.parent().map(|parent| parent.kind());
        if !matches!(parent, Some(K::INDEX_PARAMETERS | K::CREATE_INDEX)) {
            continue;
        }
        let columns = list
            .children()
            .filter(|child| matches!(child.kind(), K::COLUMN_NAME_REF | K::PARTITION_ITEM))
            .count();
        if columns > 8 {
            findings.push(Finding {
                rule: RULE.id,
                at: tree::start(&list),
                refusal: Some(Refusal::new(
                    RULE.id,
                    "54011",
                    "more than 8 column keys in an index are not supported",
                )),
                fix: Fix::Refuse(
                    "a key has at most 8 columns: move the others to INCLUDE, or put several into \
                     one"
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

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE INDEX ASYNC i ON t (a, b, c, d, e, f, g, h) INCLUDE (i)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE INDEX ASYNC i ON t (a, b, c, d, e, f, g, h, i)"), @"54011 more than 8 column keys in an index are not supported");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE t (a int, b int, c int, d int, e int, f int, g int, h int, i int, PRIMARY KEY (a, b, c, d, e, f, g, h, i))"), @"-- error: a key has at most 8 columns: move the others to INCLUDE, or put several into one [key_columns]; the service answers 54011: more than 8 column keys in an index are not supported");
    }
}
