//! SAVEPOINT, RELEASE and ROLLBACK TO.

use super::prelude::*;
use crate::Verb;

pub(super) static RULE: Rule = Rule {
    id: "savepoint",
    summary: "Savepoints are not supported",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Transaction],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let message = match subject.kind {
        Kind::Transaction(Verb::Savepoint) => "unsupported transaction statement: SAVEPOINT",
        // Not recorded; the facts presume it from the other two.
        Kind::Transaction(Verb::Release) => "unsupported transaction statement: RELEASE",
        Kind::Transaction(Verb::RollbackTo) => "unsupported transaction statement: ROLLBACK TO",
        _ => return,
    };
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        refusal: Some(Refusal::unsupported(RULE.id, message)),
        fix: Fix::Refuse(
            "there are no savepoints: roll the whole transaction back and run it again".to_owned(),
        ),
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("ROLLBACK"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("SAVEPOINT a"), @"0A000 unsupported transaction statement: SAVEPOINT");
    }

    #[test]
    fn refused_on_release() {
        assert_snapshot!(checked("RELEASE SAVEPOINT a"), @"0A000 unsupported transaction statement: RELEASE");
    }

    #[test]
    fn refused_on_rollback_to() {
        assert_snapshot!(checked("ROLLBACK TRANSACTION TO a"), @"0A000 unsupported transaction statement: ROLLBACK TO");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("ROLLBACK TO a"), @"-- error: there are no savepoints: roll the whole transaction back and run it again [savepoint]; the service answers 0A000: unsupported transaction statement: ROLLBACK TO");
    }
}
