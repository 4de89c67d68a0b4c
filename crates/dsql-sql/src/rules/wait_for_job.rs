//! SELECT sys.wait_for_job.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "wait_for_job",
    summary: "sys.wait_for_job is a procedure",
    since: GA,
    page: page::DDL,
    forms: &[Form::Query],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.kind != Kind::Read {
        return;
    }
    for at in subject.places("sys") {
        let calls = subject.symbol_at(at + 1, b'.')
            && subject.word_at(at + 2, "wait_for_job")
            && subject.symbol_at(at + 3, b'(');
        if !calls {
            continue;
        }
        let alone = at == 1
            && subject.word_at(0, "select")
            && subject.tokens.len() == 7
            && subject.symbol_at(6, b')');
        findings.push(Finding {
            rule: RULE.id,
            at: subject.tokens[at].start,
            refusal: Some(Refusal::new(
                RULE.id,
                "42809",
                "sys.wait_for_job(text) is a procedure",
            )),
            fix: if alone {
                Fix::Edits(
                    vec![Edit::replace(
                        subject.tokens[0].start,
                        subject.tokens[0].end,
                        "CALL",
                    )],
                    "sys.wait_for_job is called, not selected".to_owned(),
                )
            } else {
                Fix::Refuse("write CALL sys.wait_for_job('<job id>') by itself".to_owned())
            },
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CALL sys.wait_for_job('a')"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("SELECT sys.wait_for_job('a')"), @"42809 sys.wait_for_job(text) is a procedure");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("select sys.wait_for_job('a')"), @"
        -- note: sys.wait_for_job is called, not selected [wait_for_job]

        CALL sys.wait_for_job('a');
        ");
    }
}
