//! CREATE TEMP VIEW.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "temporary_view",
    summary: "Temporary views are not supported",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::CreateView],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let first = if subject.word_at(1, "or") { 3 } else { 1 };
    let at =
        first + usize::from(subject.word_at(first, "local") || subject.word_at(first, "global"));
    if !(subject.word_at(at, "temp") || subject.word_at(at, "temporary")) {
        return;
    }
    findings.push(Finding {
        rule: RULE.id,
        at: subject.tokens[at].start,
        // Refused, but its words are not recorded.
        refusal: None,
        fix: Fix::Refuse(
            "temporary views are not supported: use WITH in the query, or CREATE VIEW".to_owned(),
        ),
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE OR REPLACE RECURSIVE VIEW n (temp) AS SELECT 1"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CREATE TEMP VIEW dogs AS SELECT 1"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE OR REPLACE LOCAL TEMPORARY VIEW dogs AS SELECT 1"), @"-- error: temporary views are not supported: use WITH in the query, or CREATE VIEW [temporary_view]");
    }
}
