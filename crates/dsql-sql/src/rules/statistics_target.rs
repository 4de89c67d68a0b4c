//! ALTER STATISTICS … SET STATISTICS.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "statistics_target",
    summary: "The target of extended statistics is at most 100",
    since: "2026-08-27",
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.begins(&["alter", "statistics"]) {
        return;
    }
    let Some(at) = subject.tokens.len().checked_sub(1) else {
        return;
    };
    let target = subject.text_at(at).parse::<u64>().ok();
    if at < 4 || !subject.words_at(at - 2, &["set", "statistics"]) {
        return;
    }
    if target.is_some_and(|target| target > 100) {
        let (start, end) = (subject.tokens[at].start, subject.tokens[at].end);
        findings.push(Finding {
            rule: RULE.id,
            at: start,
            // 22023, but its words are not recorded.
            refusal: None,
            fix: Fix::Edits(
                vec![Edit::replace(start, end, "100")],
                "the target becomes 100, the highest".to_owned(),
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
        assert_snapshot!(checked("ALTER STATISTICS pet_kind SET STATISTICS 100"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("ALTER STATISTICS pet_kind SET STATISTICS 1000"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("ALTER STATISTICS IF EXISTS clinic.pet_kind SET STATISTICS 1000"), @"
        -- note: the target becomes 100, the highest [statistics_target]

        ALTER STATISTICS IF EXISTS clinic.pet_kind SET STATISTICS 100;
        ");
    }
}
