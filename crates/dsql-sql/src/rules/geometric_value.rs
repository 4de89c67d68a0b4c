//! Geometric values.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "geometric_value",
    summary: "Geometric types are not supported, not even in expressions",
    since: GA,
    page: page::TYPES,
    forms: &[Form::Query],
    matches: Match::Places(find),
};

const TYPES: &[&str] = &["box", "circle", "line", "lseg", "path", "point", "polygon"];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    for at in 1..subject.tokens.len() {
        let Some(name) = TYPES.iter().find(|name| subject.word_at(at, name)) else {
            continue;
        };
        let cast = at >= 2 && subject.symbol_at(at - 1, b':') && subject.symbol_at(at - 2, b':');
        let typed = subject
            .tokens
            .get(at + 1)
            .is_some_and(|next| next.kind == TokenKind::String)
            && !subject.symbol_at(at - 1, b'.');
        if cast || typed {
            findings.push(Finding {
                rule: RULE.id,
                at: subject.tokens[at].start,
                refusal: Some(Refusal::unsupported(
                    RULE.id,
                    format!("datatype {name} not supported"),
                )),
                fix: Fix::Refuse(
                    "geometric types are not supported: keep the numbers in columns of their own"
                        .to_owned(),
                ),
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
        assert_snapshot!(checked("SELECT t.path, 1 AS line FROM point"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("SELECT '((0,0),1)'::circle"), @"0A000 datatype circle not supported");
    }

    #[test]
    fn refused_as_a_typed_literal() {
        assert_snapshot!(checked("SELECT line '{1,2,3}'"), @"0A000 datatype line not supported");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("SELECT '((0,0),1)'::circle"), @"-- error: geometric types are not supported: keep the numbers in columns of their own [geometric_value]; the service answers 0A000: datatype circle not supported");
    }
}
