//! CREATE UNLOGGED TABLE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "unlogged_table",
    summary: "Unlogged tables are not supported",
    since: GA,
    page: page::CREATE_TABLE,
    forms: &[Form::CreateTable],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.word_at(1, "unlogged") {
        return;
    }
    let word = subject.tokens[1];
    findings.push(Finding {
        rule: RULE.id,
        at: word.start,
        refusal: Some(Refusal::unsupported(
            RULE.id,
            "UNLOGGED table not supported for CREATE TABLE",
        )),
        fix: Fix::Edits(
            vec![Edit::remove(subject.text, word.start, word.end)],
            "UNLOGGED is left out: the table is durable".to_owned(),
        ),
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE cache (id bigint)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE UNLOGGED TABLE cache (id bigint)"), @"0A000 UNLOGGED table not supported for CREATE TABLE");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("create unlogged table cache (id bigint)"), @"
        -- note: UNLOGGED is left out: the table is durable [unlogged_table]

        create table cache (id bigint);
        ");
    }
}
