//! Advisory locks.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "advisory_lock",
    summary: "There are no advisory locks",
    since: GA,
    page: page::CONCURRENCY,
    forms: Form::QUERIES,
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    for at in subject.word_places() {
        if !subject.symbol_at(at + 1, b'(') {
            continue;
        }
        let word = subject.text_at(at);
        let named = word
            .get(..3)
            .is_some_and(|start| start.eq_ignore_ascii_case("pg_"));
        if !named {
            continue;
        }
        let name = word.to_ascii_lowercase();
        if !(name.starts_with("pg_advisory_") || name.starts_with("pg_try_advisory_")) {
            continue;
        }
        findings.push(Finding {
            rule: RULE.id,
            at: subject.tokens[at].start,
            refusal: Some(Refusal::unsupported(
                RULE.id,
                format!("function {name} not supported"),
            )),
            fix: Fix::Refuse(
                "there are no advisory locks: keep a row with an owner and an expiry, and take it \
                 with UPDATE"
                    .to_owned(),
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
        assert_snapshot!(checked("SELECT 'pg_advisory_lock(1)'"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("SELECT pg_advisory_lock(1)"), @"0A000 function pg_advisory_lock not supported");
    }

    #[test]
    fn refused_in_its_other_forms() {
        assert_snapshot!(checked("select pg_catalog.pg_try_advisory_xact_lock (1, 2)"), @"0A000 function pg_try_advisory_xact_lock not supported");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("SELECT pg_advisory_unlock_all()"), @"-- error: there are no advisory locks: keep a row with an owner and an expiry, and take it with UPDATE [advisory_lock]; the service answers 0A000: function pg_advisory_unlock_all not supported");
    }
}
