//! ASC and DESC in an index.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "index_sort_order",
    summary: "A key's sort order cannot be chosen",
    since: "2026-10-01",
    page: page::CREATE_INDEX,
    forms: &[Form::CreateIndex],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(list) = subject
        .node(K::CREATE_INDEX)
        .and_then(|index| tree::child(&index, K::PARTITION_ITEM_LIST))
    else {
        return;
    };
    let items: Vec<_> = tree::children(&list, K::PARTITION_ITEM).collect();
    let falls = |item: &SyntaxNode| tree::child(item, K::SORT_DESC).is_some();
    let mixed = items.iter().any(falls) && !items.iter().all(falls);
    for item in &items {
        let Some(order) =
            tree::child(item, K::SORT_DESC).or_else(|| tree::child(item, K::SORT_ASC))
        else {
            continue;
        };
        let (start, end) = tree::span(&order);
        let mut edits = vec![Edit::remove(subject.text, start, end)];
        let note = if !falls(item) {
            "ASC is left out: it is the only order"
        } else {
            // Read backwards, ascending with nulls last is descending with
            // nulls first; so what is written about nulls turns round.
            if let Some(nulls) = tree::child(item, K::NULLS_FIRST) {
                let (start, end) = tree::span(&nulls);
                edits.push(Edit::replace(start, end, "NULLS LAST"));
            } else if let Some(nulls) = tree::child(item, K::NULLS_LAST) {
                let (start, end) = tree::span(&nulls);
                edits.push(Edit::replace(start, end, "NULLS FIRST"));
            }
            if mixed {
                "DESC is left out: the index is ascending in every column, so an ORDER BY of mixed \
                 directions has to sort"
            } else {
                "DESC is left out: the index is read backwards for it"
            }
        };
        findings.push(Finding {
            rule: RULE.id,
            at: start,
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "specifying sort order not supported for index keys",
            )),
            fix: Fix::Edits(edits, note.to_owned()),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE INDEX ASYNC i ON t (a NULLS FIRST, b)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE INDEX ASYNC i ON t (a DESC)"), @"0A000 specifying sort order not supported for index keys");
    }

    #[test]
    fn refused_ascending() {
        assert_snapshot!(checked("CREATE INDEX ASYNC i ON t (a asc)"), @"0A000 specifying sort order not supported for index keys");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE INDEX ASYNC i ON t (a DESC NULLS LAST, b  desc)"), @"
        -- note: DESC is left out: the index is read backwards for it [index_sort_order]
        -- note: DESC is left out: the index is read backwards for it [index_sort_order]

        CREATE INDEX ASYNC i ON t (a NULLS FIRST, b);
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }

    #[test]
    fn fixed_mixed() {
        assert_snapshot!(planned("CREATE INDEX ASYNC i ON t (a ASC, b DESC)"), @"
        -- note: ASC is left out: it is the only order [index_sort_order]
        -- note: DESC is left out: the index is ascending in every column, so an ORDER BY of mixed directions has to sort [index_sort_order]

        CREATE INDEX ASYNC i ON t (a, b);
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }
}
