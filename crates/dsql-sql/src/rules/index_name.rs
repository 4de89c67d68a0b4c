//! Qualified index names.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "index_name",
    summary: "An index is named without its schema, and IF NOT EXISTS asks for a name",
    since: GA,
    page: page::CREATE_INDEX,
    forms: &[Form::CreateIndex],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if let Some(on) = unnamed(subject) {
        return findings.push(Finding {
            rule: RULE.id,
            at: subject.tokens[on].start,
            refusal: Some(Refusal::new(
                RULE.id,
                "42601",
                format!("syntax error at or near \"{}\"", subject.text_at(on)),
            )),
            fix: Fix::Refuse("IF NOT EXISTS asks for a name: name the index".to_owned()),
        });
    }
    let Some(name) = subject
        .node(K::CREATE_INDEX)
        .and_then(|index| tree::child(&index, K::INDEX))
    else {
        return;
    };
    let (start, end) = tree::span(&name);
    let Some(dot) = subject
        .tokens
        .iter()
        .rfind(|token| token.is_symbol(b'.') && token.start >= start && token.end <= end)
    else {
        return;
    };
    let next = crate::lex::skip_space(subject.text.as_bytes(), dot.end);
    findings.push(Finding {
        rule: RULE.id,
        at: dot.start,
        refusal: Some(Refusal::new(
            RULE.id,
            "42601",
            "syntax error at or near \".\"",
        )),
        fix: Fix::Edits(
            vec![Edit::replace(start, next, "")],
            "the schema is left out of the index's name: an index is where its table is".to_owned(),
        ),
    });
}

/// ON, where it stands in place of the name after IF NOT EXISTS.
fn unnamed(subject: &Subject<'_>) -> Option<usize> {
    const WORDS: &[&str] = &["if", "not", "exists", "on"];
    (2..5)
        .find(|&at| subject.words_at(at, WORDS))
        .map(|at| at + 3)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE INDEX ASYNC pet_name ON clinic.pet (name)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE INDEX ASYNC clinic.pet_name ON clinic.pet (name)"), @r#"42601 syntax error at or near ".""#);
    }

    #[test]
    fn refused_without_a_name() {
        assert_snapshot!(checked("CREATE UNIQUE INDEX ASYNC IF NOT EXISTS ON pet (name)"), @r#"42601 syntax error at or near "ON""#);
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE INDEX ASYNC clinic . \"Pet_name\" ON clinic.pet (name)"), @r#"
        -- note: the schema is left out of the index's name: an index is where its table is [index_name]

        CREATE INDEX ASYNC "Pet_name" ON clinic.pet (name);
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        "#);
    }
}
