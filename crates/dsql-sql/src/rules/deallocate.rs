//! DEALLOCATE of one statement.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "deallocate",
    summary: "Prepared statements are deallocated all at once",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Session],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.word_at(0, "deallocate")
        || subject.word_at(1, "all")
        || subject.words_at(1, &["prepare", "all"])
    {
        return;
    }
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        // Refused, but its words are not recorded.
        refusal: None,
        fix: Fix::Refuse("only DEALLOCATE ALL is supported".to_owned()),
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("DEALLOCATE PREPARE ALL"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("DEALLOCATE p"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("DEALLOCATE PREPARE \"all\""), @"-- error: only DEALLOCATE ALL is supported [deallocate]");
    }
}
