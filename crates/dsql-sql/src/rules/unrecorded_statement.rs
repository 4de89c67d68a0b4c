//! Statements that are refused in words not recorded.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "unrecorded_statement",
    summary: "Some statements are refused, but how the service words it is not known",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other, Form::Session],
    matches: Match::Places(find),
};

/// The words a statement begins with, and what to write instead.
const STATEMENTS: &[(&[&str], &str)] = &[
    (&["create", "server"], "foreign servers are not supported"),
    (
        &["create", "aggregate"],
        "aggregates cannot be created: compute in the query",
    ),
    (
        &["create", "rule"],
        "rules are not supported: use a view, or the application",
    ),
    (
        &["load"],
        "libraries cannot be loaded: take the statement out",
    ),
    (
        &["cluster"],
        "rows are stored by primary key: take the statement out",
    ),
    (
        &["reindex"],
        "indexes are not rebuilt in place: drop and create the index",
    ),
    (
        &["do"],
        "DO is not supported: write the statements out, or run them from the application",
    ),
    (
        &["prepare"],
        "PREPARE is not supported: let the driver prepare the statement",
    ),
    (
        &["set", "session", "characteristics"],
        "a session has no transaction modes: write them on BEGIN, such as BEGIN READ ONLY",
    ),
    (
        &["discard"],
        "DISCARD is not supported: open a new connection",
    ),
    (
        &["refresh", "materialized", "view"],
        "materialized views are not supported",
    ),
    (
        &["create", "temp", "view"],
        "temporary views are not supported: use WITH, or CREATE VIEW",
    ),
    (
        &["create", "temporary", "view"],
        "temporary views are not supported: use WITH, or CREATE VIEW",
    ),
];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let deallocates = subject.word_at(0, "deallocate")
        && !subject.word_at(1, "all")
        && !subject.words_at(1, &["prepare", "all"]);
    let advice = if deallocates {
        "only DEALLOCATE ALL is supported"
    } else {
        match STATEMENTS.iter().find(|(words, _)| subject.begins(words)) {
            Some((_, advice)) => advice,
            None => return,
        }
    };
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        refusal: None,
        fix: Fix::Refuse(advice.to_owned()),
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("DEALLOCATE ALL"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("REINDEX TABLE pet"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("DO $$ BEGIN END $$"), @"-- error: DO is not supported: write the statements out, or run them from the application [unrecorded_statement]");
    }

    #[test]
    fn fixed_for_a_named_deallocate() {
        assert_snapshot!(planned("DEALLOCATE p"), @"-- error: only DEALLOCATE ALL is supported [unrecorded_statement]");
    }
}
