//! ALTER FUNCTION and ALTER ROUTINE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "alter_function",
    summary: "A function is renamed, or given another owner or schema, and not changed otherwise",
    since: "2026-04-24",
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Places(find),
};

const ALLOWED: &[&[&str]] = &[&["rename", "to"], &["owner", "to"], &["set", "schema"]];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !(subject.begins(&["alter", "function"]) || subject.begins(&["alter", "routine"])) {
        return;
    }
    let is_allowed =
        (3..subject.tokens.len()).any(|at| ALLOWED.iter().any(|words| subject.words_at(at, words)));
    if is_allowed {
        return;
    }
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        // Refused, but its words are not recorded.
        refusal: None,
        fix: Fix::Refuse(
            "a function's options cannot be changed: write CREATE OR REPLACE FUNCTION with all of it"
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
        assert_snapshot!(checked("ALTER ROUTINE clinic.price(int, text) SET SCHEMA shop"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("ALTER FUNCTION price(int) STABLE"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("ALTER FUNCTION price(int) SET search_path = clinic"), @"-- error: a function's options cannot be changed: write CREATE OR REPLACE FUNCTION with all of it [alter_function]");
    }
}
