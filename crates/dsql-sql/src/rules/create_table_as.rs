//! CREATE TABLE AS.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_table_as",
    summary: "A query does not make a table",
    since: GA,
    page: page::CREATE_TABLE,
    forms: &[Form::CreateTable],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(tree) = subject.tree() else { return };
    if tree::child(tree, K::CREATE_TABLE_AS).is_none() {
        return;
    }
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        refusal: Some(Refusal::unsupported(
            RULE.id,
            "unsupported statement: CreateTableAs",
        )),
        fix: Fix::Refuse(
            "CREATE TABLE AS is not supported: create the table with its columns, then fill it \
             with INSERT … SELECT in batches of at most 3,000 rows; making that plan for you is \
             not there yet"
                .to_owned(),
        ),
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE copy (LIKE pet INCLUDING ALL)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TABLE copy AS SELECT * FROM pet"), @"0A000 unsupported statement: CreateTableAs");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE IF NOT EXISTS copy (a, b) AS TABLE pet WITH NO DATA"), @"-- error: CREATE TABLE AS is not supported: create the table with its columns, then fill it with INSERT … SELECT in batches of at most 3,000 rows; making that plan for you is not there yet [create_table_as]; the service answers 0A000: unsupported statement: CreateTableAs");
    }
}
