//! Subqueries as arguments of CALL.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "call_argument",
    summary: "CALL takes no subquery as an argument",
    since: GA,
    page: page::DDL,
    forms: &[Form::Query],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.kind != Kind::Call {
        return;
    }
    let subquery = (1..subject.tokens.len()).find(|&at| {
        subject.symbol_at(at - 1, b'(')
            && (subject.word_at(at, "select") || subject.word_at(at, "with"))
    });
    if let Some(at) = subquery {
        findings.push(Finding {
            rule: RULE.id,
            at: subject.tokens[at].start,
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "cannot use subquery in CALL argument",
            )),
            fix: Fix::Refuse("run the query first, and call with its answer".to_owned()),
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
        assert_snapshot!(checked("CALL sys.wait_for_job((SELECT job_id FROM sys.jobs LIMIT 1))"), @"0A000 cannot use subquery in CALL argument");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CALL sys.wait_for_job((SELECT 'a'))"), @"-- error: run the query first, and call with its answer [call_argument]; the service answers 0A000: cannot use subquery in CALL argument");
    }
}
