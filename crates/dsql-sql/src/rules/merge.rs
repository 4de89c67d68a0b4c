//! MERGE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "merge",
    summary: "MERGE is not supported",
    since: GA,
    page: page::COMPATIBILITY,
    forms: Form::QUERIES,
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let in_body = subject.form == Form::CreateFunction;
    if subject.kind != Kind::Write && !in_body && !subject.word_at(0, "explain") {
        return;
    }
    let into = |at: &usize| subject.word_at(at + 1, "into");
    let Some(at) = subject.places("merge").find(into) else {
        return;
    };
    // As a whole, explained, after the parts of a WITH, or in a function.
    let begins = at == 0
        || (in_body && (subject.word_at(at - 1, "atomic") || subject.symbol_at(at - 1, b';')))
        || (subject.word_at(0, "with") && subject.symbol_at(at - 1, b')'))
        || subject.word_at(0, "explain");
    if begins {
        findings.push(Finding {
            rule: RULE.id,
            at: subject.tokens[at].start,
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "unsupported statement type: MERGE",
            )),
            fix: Fix::Refuse(
                "MERGE is not supported: write INSERT … ON CONFLICT, or an UPDATE and an INSERT"
                    .to_owned(),
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("INSERT INTO pet VALUES (1) ON CONFLICT (id) DO UPDATE SET name = excluded.name"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("MERGE INTO pet USING new ON pet.id = new.id WHEN MATCHED THEN DELETE"), @"0A000 unsupported statement type: MERGE");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("WITH new AS (SELECT 1 AS id) MERGE INTO pet USING new ON pet.id = new.id WHEN MATCHED THEN DELETE"), @"-- error: MERGE is not supported: write INSERT … ON CONFLICT, or an UPDATE and an INSERT [merge]; the service answers 0A000: unsupported statement type: MERGE");
    }
}
