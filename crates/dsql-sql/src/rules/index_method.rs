//! CREATE INDEX … USING.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "index_method",
    summary: "The access method cannot be chosen",
    since: GA,
    page: page::CREATE_INDEX,
    forms: &[Form::CreateIndex],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(clause) = subject
        .node(K::CREATE_INDEX)
        .and_then(|index| tree::child(&index, K::USING_METHOD))
    else {
        return;
    };
    let (start, end) = tree::span(&clause);
    let method = super::last_name(subject, start + 1, end);
    findings.push(Finding {
        rule: RULE.id,
        at: start,
        refusal: Some(Refusal::unsupported(
            RULE.id,
            "USING not supported for CREATE INDEX",
        )),
        fix: if let Some(note) = as_btree(&method) {
            Fix::Edits(
                vec![Edit::remove(subject.text, start, end)],
                format!("USING {method} is left out: every index is a B-tree{note}"),
            )
        } else {
            Fix::Refuse(format!(
                "every index is a B-tree, so {method} cannot be had: index the values or an \
                 expression that queries compare, such as (doc->>'name')"
            ))
        },
    });
}

/// What is different in a B-tree; `None` where one cannot do the same.
fn as_btree(method: &str) -> Option<&'static str> {
    match method {
        "btree" | "btree_index" => Some(""),
        "hash" => Some(", which finds equal values too"),
        "brin" => Some(", which is larger than BRIN and finds more"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE INDEX ASYNC i ON t (a)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE INDEX i ON t USING gin (a)"), @"0A000 USING not supported for CREATE INDEX");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE INDEX ASYNC i ON t USING btree (a)"), @"
        -- note: USING btree is left out: every index is a B-tree [index_method]

        CREATE INDEX ASYNC i ON t (a);
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }

    #[test]
    fn fixed_where_a_b_tree_does_the_same() {
        assert_snapshot!(planned("CREATE INDEX i ON t USING hash (a)"), @"
        -- note: the index is built by a job; it serves queries once the job has completed [index_async]
        -- note: USING hash is left out: every index is a B-tree, which finds equal values too [index_method]

        CREATE INDEX ASYNC i ON t (a);
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }

    #[test]
    fn fixed_unless_it_is_another_method() {
        assert_snapshot!(planned("CREATE INDEX i ON t USING gin (a)"), @"-- error: every index is a B-tree, so gin cannot be had: index the values or an expression that queries compare, such as (doc->>'name') [index_method]; the service answers 0A000: USING not supported for CREATE INDEX");
    }
}
