//! CREATE TEMP TABLE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "temporary_table",
    summary: "Temporary tables are not supported",
    since: GA,
    page: page::CREATE_TABLE,
    forms: &[Form::CreateTable],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let at = 1 + usize::from(subject.word_at(1, "local") || subject.word_at(1, "global"));
    if !(subject.word_at(at, "temp") || subject.word_at(at, "temporary")) {
        return;
    }
    findings.push(Finding {
        rule: RULE.id,
        at: subject.tokens[at].start,
        refusal: Some(Refusal::unsupported(
            RULE.id,
            "TEMPORARY or TEMP table not supported for CREATE TABLE",
        )),
        fix: Fix::Refuse(
            "temporary tables are not supported: use WITH in the query, or a table of its own \
             that you drop"
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
        assert_snapshot!(checked("CREATE TABLE work (id bigint)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE LOCAL TEMP TABLE work (id bigint)"), @"0A000 TEMPORARY or TEMP table not supported for CREATE TABLE");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TEMPORARY TABLE work (id bigint)"), @"-- error: temporary tables are not supported: use WITH in the query, or a table of its own that you drop [temporary_table]; the service answers 0A000: TEMPORARY or TEMP table not supported for CREATE TABLE");
    }
}
