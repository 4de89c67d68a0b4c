//! Functions that reach another session or a large object.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "unavailable_function",
    summary: "Other sessions cannot be ended by SQL, and there are no large objects",
    since: "2026-08-28",
    page: page::COMPATIBILITY,
    forms: Form::QUERIES,
    matches: Match::Places(find),
};

const SESSIONS: &[&str] = &["pg_cancel_backend", "pg_terminate_backend"];

const LARGE_OBJECTS: &[&str] = &[
    "lo_creat",
    "lo_create",
    "lo_export",
    "lo_from_bytea",
    "lo_get",
    "lo_import",
    "lo_open",
    "lo_put",
    "lo_unlink",
];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    for (names, advice) in [
        (
            SESSIONS,
            "one session cannot end another: cancel the query through the driver",
        ),
        (
            LARGE_OBJECTS,
            "there are no large objects: keep up to 1 MiB in a bytea column, or the whole in a \
             store of objects",
        ),
    ] {
        let is_call = |at: &usize| subject.symbol_at(at + 1, b'(');
        for at in subject.places_of(names).filter(is_call) {
            findings.push(Finding {
                rule: RULE.id,
                at: subject.tokens[at].start,
                // Refused, but its words are not recorded.
                refusal: None,
                fix: Fix::Refuse(advice.to_owned()),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT pg_backend_pid(), lo_get FROM pet"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("SELECT pg_terminate_backend(7)"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("SELECT pg_catalog.lo_create(0)"), @"-- error: there are no large objects: keep up to 1 MiB in a bytea column, or the whole in a store of objects [unavailable_function]");
    }
}
