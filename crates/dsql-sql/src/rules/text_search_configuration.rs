//! Text search configurations.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "text_search_configuration",
    summary: "The only text search configuration is simple",
    since: "2026-08-19",
    page: page::TYPES,
    forms: Form::QUERIES,
    matches: Match::Places(find),
};

const FUNCTIONS: &[&str] = &[
    "phraseto_tsquery",
    "plainto_tsquery",
    "to_tsquery",
    "to_tsvector",
    "websearch_to_tsquery",
];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    for at in subject.places_of(FUNCTIONS) {
        if !subject.symbol_at(at + 1, b'(') {
            continue;
        }
        let Some(name) = super::literal(subject.text_at(at + 2)) else {
            continue;
        };
        let cast = subject.symbol_at(at + 3, b':') && subject.word_at(at + 5, "regconfig");
        if !(cast || subject.symbol_at(at + 3, b',')) {
            continue;
        }
        let bare = name.strip_prefix("pg_catalog.").unwrap_or(&name);
        if bare.eq_ignore_ascii_case("simple") {
            continue;
        }
        findings.push(Finding {
            rule: RULE.id,
            at: subject.tokens[at + 2].start,
            refusal: Some(Refusal::new(
                RULE.id,
                "42704",
                format!("text search configuration \"{name}\" does not exist"),
            )),
            fix: Fix::Refuse(
                "the only configuration is simple, which does not reduce words to their stem: \
                 write 'simple' where that will do"
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
        assert_snapshot!(checked("SELECT to_tsvector('simple', 'a cat') @@ to_tsquery('simple', 'cat')"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("SELECT to_tsvector('english', name) FROM pet"), @r#"42704 text search configuration "english" does not exist"#);
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("SELECT to_tsvector('english', name) FROM pet"), @r#"-- error: the only configuration is simple, which does not reduce words to their stem: write 'simple' where that will do [text_search_configuration]; the service answers 42704: text search configuration "english" does not exist"#);
    }
}
