//! CREATE TEMP SEQUENCE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "temporary_sequence",
    summary: "Temporary and unlogged sequences are not supported",
    since: GA,
    page: page::SEQUENCES,
    forms: &[Form::CreateSequence],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.word_at(1, "sequence") {
        return;
    }
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        // Not in the documented syntax; how the service words it is not recorded.
        refusal: None,
        fix: Fix::Refuse("sequences are permanent: write CREATE SEQUENCE".to_owned()),
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE SEQUENCE s CACHE 1"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CREATE TEMP SEQUENCE s CACHE 1"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TEMP SEQUENCE s CACHE 1"), @"-- error: sequences are permanent: write CREATE SEQUENCE [temporary_sequence]");
    }
}
