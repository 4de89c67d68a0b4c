//! Clauses of CREATE TABLE that are refused in words not recorded.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "table_clause",
    summary: "Inheritance, partitions, storage parameters, tablespaces and exclusion are not supported",
    since: GA,
    page: page::CREATE_TABLE,
    forms: &[Form::CreateTable, Form::CreateSchema],
    matches: Match::Places(find),
};

const CLAUSES: &[K] = &[
    K::CONSTRAINT_INDEX_TABLESPACE,
    K::EXCLUDE_CONSTRAINT,
    K::INHERITS,
    K::OF_TYPE,
    K::ON_COMMIT,
    K::PARTITION_OF,
    K::TABLESPACE_CLAUSE,
    K::USING_METHOD,
    K::WITH_PARAMS,
];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(tree) = subject.tree() else { return };
    for clause in tree::descendants(tree, CLAUSES) {
        let what = match clause.kind() {
            K::INHERITS => "INHERITS is not supported: repeat the columns, or use LIKE",
            K::PARTITION_OF => "partitions are not supported: create one table",
            K::EXCLUDE_CONSTRAINT => "EXCLUDE is not supported: use UNIQUE where that will do",
            K::OF_TYPE => "OF is not supported: write the columns out",
            K::ON_COMMIT => "ON COMMIT is not supported: take the clause out",
            K::USING_METHOD => "table access methods cannot be chosen: take USING out",
            K::WITH_PARAMS => "storage parameters are not supported: take WITH (…) out",
            _ => "there are no tablespaces: take the clause out",
        };
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&clause),
            refusal: None,
            fix: Fix::Refuse(what.to_owned()),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE pet (id bigint) WITHOUT OIDS"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CREATE TABLE dog (tail int) INHERITS (pet)"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE pet (id bigint PRIMARY KEY WITH (fillfactor = 70)) TABLESPACE fast"), @"
        -- error: storage parameters are not supported: take WITH (…) out [table_clause]
        -- error: there are no tablespaces: take the clause out [table_clause]
        ");
    }
}
