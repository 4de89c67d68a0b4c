//! Expressions in INCLUDE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "index_include",
    summary: "INCLUDE takes plain columns",
    since: GA,
    page: page::CREATE_INDEX,
    forms: &[Form::CreateIndex],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(list) = subject
        .node(K::CREATE_INDEX)
        .and_then(|index| tree::child(&index, K::INDEX_INCLUDE_CLAUSE))
        .and_then(|clause| tree::child(&clause, K::PARTITION_ITEM_LIST))
    else {
        return;
    };
    for item in tree::children(&list, K::PARTITION_ITEM) {
        let plain = item
            .children()
            .next()
            .is_none_or(|first| first.kind() == K::NAME_REF);
        if !plain {
            findings.push(Finding {
                rule: RULE.id,
                at: tree::start(&item),
                refusal: Some(Refusal::unsupported(
                    RULE.id,
                    "expressions are not supported in included columns",
                )),
                fix: Fix::Refuse(
                    "INCLUDE takes plain columns: add a generated column and include that"
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
        assert_snapshot!(checked("CREATE INDEX ASYNC i ON t (a) INCLUDE (b, c)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE INDEX ASYNC i ON t (a) INCLUDE ((b + 1))"), @"0A000 expressions are not supported in included columns");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE INDEX ASYNC i ON t (a) INCLUDE (lower(b))"), @"-- error: INCLUDE takes plain columns: add a generated column and include that [index_include]; the service answers 0A000: expressions are not supported in included columns");
    }
}
