//! Qualified index names.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "index_name",
    summary: "An index is named without its schema",
    since: GA,
    page: page::CREATE_INDEX,
    forms: &[Form::CreateIndex],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
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
    fn fixed() {
        assert_snapshot!(planned("CREATE INDEX ASYNC clinic . \"Pet_name\" ON clinic.pet (name)"), @r#"
        -- note: the schema is left out of the index's name: an index is where its table is [index_name]

        CREATE INDEX ASYNC "Pet_name" ON clinic.pet (name);
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        "#);
    }
}
