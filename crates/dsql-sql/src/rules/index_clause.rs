//! Clauses of CREATE INDEX that are refused in words not recorded.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "index_clause",
    summary: "COLLATE, WITH and TABLESPACE are not in the syntax of CREATE INDEX",
    since: GA,
    page: page::CREATE_INDEX,
    forms: &[Form::CreateIndex],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(index) = subject.node(K::CREATE_INDEX) else {
        return;
    };
    for item in tree::child(&index, K::PARTITION_ITEM_LIST)
        .into_iter()
        .flat_map(|list| list.children().collect::<Vec<_>>())
    {
        let Some(clause) = tree::child(&item, K::COLLATE) else {
            continue;
        };
        let Some(word) = tree::token(&clause, K::COLLATE_KW) else {
            continue;
        };
        let (start, end) = (tree::token_span(&word).0, tree::end(&clause));
        let name = super::last_name(subject, start + 1, end);
        findings.push(Finding {
            rule: RULE.id,
            at: start,
            refusal: None,
            fix: if matches!(name.as_str(), "C" | "POSIX" | "ucs_basic" | "default") {
                Fix::Edits(
                    vec![Edit::remove(subject.text, start, end)],
                    format!("COLLATE \"{name}\" is left out: the only collation is C"),
                )
            } else {
                Fix::Refuse("the only collation is C: take COLLATE out".to_owned())
            },
        });
    }
    for clause in index.children() {
        let advice = match clause.kind() {
            K::WITH_PARAMS => "an index has no storage parameters: take WITH (…) out",
            K::TABLESPACE_CLAUSE => "there are no tablespaces: take the clause out",
            _ => continue,
        };
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&clause),
            refusal: None,
            fix: Fix::Refuse(advice.to_owned()),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE INDEX ASYNC i ON t (a) WHERE b"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CREATE INDEX ASYNC i ON t (a COLLATE \"de_DE\") WITH (fillfactor = 70)"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE INDEX ASYNC i ON t (a COLLATE \"C\")"), @r#"
        -- note: COLLATE "C" is left out: the only collation is C [index_clause]

        CREATE INDEX ASYNC i ON t (a);
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        "#);
    }

    #[test]
    fn fixed_unless_it_matters() {
        assert_snapshot!(planned("CREATE INDEX ASYNC i ON t (a COLLATE \"de_DE\") TABLESPACE fast"), @"
        -- error: the only collation is C: take COLLATE out [index_clause]
        -- error: there are no tablespaces: take the clause out [index_clause]
        ");
    }
}
