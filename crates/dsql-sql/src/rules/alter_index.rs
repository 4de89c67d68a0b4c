//! ALTER INDEX.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "alter_index",
    summary: "An index is renamed, and not changed otherwise",
    since: GA,
    page: page::CREATE_INDEX,
    forms: &[Form::Other],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.begins(&["alter", "index"]) {
        return;
    }
    if (3..subject.tokens.len()).any(|at| subject.words_at(at, &["rename", "to"])) {
        return;
    }
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        // Refused, but its words are not recorded.
        refusal: None,
        fix: Fix::Refuse(
            "an index has no parameters, tablespace or partitions: take the statement out, or drop \
             the index and create another"
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
        assert_snapshot!(checked("ALTER INDEX IF EXISTS clinic.pet_name RENAME TO \"set\""), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("ALTER INDEX pet_name SET (fillfactor = 70)"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("ALTER INDEX pet_name SET TABLESPACE fast"), @"-- error: an index has no parameters, tablespace or partitions: take the statement out, or drop the index and create another [alter_index]");
    }
}
