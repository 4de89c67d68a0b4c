//! GRANT on schema public.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "grant_on_public",
    summary: "The schema public belongs to the service",
    since: "2026-09-23",
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.begins(&["grant"]) {
        return;
    }
    let Some(at) = (1..subject.tokens.len()).find(|&at| subject.words_at(at, &["on", "schema"]))
    else {
        return;
    };
    let to = (at..subject.tokens.len())
        .find(|&at| subject.word_at(at, "to"))
        .unwrap_or(subject.tokens.len());
    let is_public = |&at: &usize| super::name::folded(subject.text_at(at)) == "public";
    if let Some(at) = (at + 2..to).find(is_public) {
        findings.push(Finding {
            rule: RULE.id,
            at: subject.tokens[at].start,
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "feature not supported on system entity",
            )),
            fix: Fix::Refuse(
                "nothing can be granted on the schema public: give the role a schema of its own"
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
        assert_snapshot!(checked("GRANT USAGE ON SCHEMA clinic TO public"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("GRANT CREATE ON SCHEMA public TO clerk"), @"0A000 feature not supported on system entity");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("GRANT USAGE ON SCHEMA clinic, public TO clerk"), @"-- error: nothing can be granted on the schema public: give the role a schema of its own [grant_on_public]; the service answers 0A000: feature not supported on system entity");
    }
}
