//! Clauses of foreign keys that are refused in words not recorded.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "foreign_key_clause",
    summary: "A foreign key has neither MATCH PARTIAL nor columns of its own to set ON UPDATE",
    since: "2026-08-26",
    page: page::FOREIGN_KEYS,
    forms: Form::TABLES,
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(tree) = subject.tree() else { return };
    for clause in tree::descendants(tree, &[K::MATCH_PARTIAL, K::ON_UPDATE_ACTION]) {
        let advice = if clause.kind() == K::MATCH_PARTIAL {
            "MATCH PARTIAL is not supported: write MATCH FULL, or nothing for MATCH SIMPLE"
        } else if tree::descendants(&clause, &[K::COLUMN_REF_LIST])
            .next()
            .is_some()
        {
            "only ON DELETE takes columns to set: take the list out, or write ON DELETE"
        } else {
            continue;
        };
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&clause),
            // Not in the documented syntax; how the service words it is not recorded.
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
        assert_snapshot!(checked("CREATE TABLE visit (a int, b int, FOREIGN KEY (a, b) REFERENCES pet (a, b) MATCH SIMPLE ON UPDATE SET NULL ON DELETE SET DEFAULT (b))"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CREATE TABLE visit (pet int REFERENCES pet MATCH PARTIAL)"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE visit (a int, b int REFERENCES pet MATCH PARTIAL, FOREIGN KEY (a, b) REFERENCES pet (a, b) ON UPDATE SET NULL (a))"), @"
        -- error: MATCH PARTIAL is not supported: write MATCH FULL, or nothing for MATCH SIMPLE [foreign_key_clause]
        -- error: only ON DELETE takes columns to set: take the list out, or write ON DELETE [foreign_key_clause]
        ");
    }
}
