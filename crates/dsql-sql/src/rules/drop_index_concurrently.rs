//! DROP INDEX CONCURRENTLY.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "drop_index_concurrently",
    summary: "An index is dropped without CONCURRENTLY",
    since: GA,
    page: page::CREATE_INDEX,
    forms: &[Form::Other],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.begins(&["drop", "index", "concurrently"]) {
        return;
    }
    let word = subject.tokens[2];
    findings.push(Finding {
        rule: RULE.id,
        at: word.start,
        // Not in the documented syntax; whether it is refused is not recorded.
        refusal: None,
        fix: Fix::Edits(
            vec![Edit::remove(subject.text, word.start, word.end)],
            "CONCURRENTLY is left out: dropping an index blocks nobody here".to_owned(),
        ),
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("DROP INDEX IF EXISTS pet_name"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("DROP INDEX CONCURRENTLY pet_name"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("DROP INDEX CONCURRENTLY IF EXISTS pet_name"), @"
        -- note: CONCURRENTLY is left out: dropping an index blocks nobody here [drop_index_concurrently]

        DROP INDEX IF EXISTS pet_name;
        ");
    }
}
