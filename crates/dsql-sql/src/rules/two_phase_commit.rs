//! PREPARE TRANSACTION.

use super::prelude::*;
use crate::Verb;

pub(super) static RULE: Rule = Rule {
    id: "two_phase_commit",
    summary: "Two-phase commit is not supported",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Transaction],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Kind::Transaction(Verb::Prepare) = subject.kind else {
        return;
    };
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        // Refused, but its words are not recorded.
        refusal: None,
        fix: Fix::Refuse("there is no two-phase commit: commit in one step".to_owned()),
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("COMMIT"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("PREPARE TRANSACTION 'a'"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("PREPARE TRANSACTION 'a'"), @"-- error: there is no two-phase commit: commit in one step [two_phase_commit]");
    }
}
