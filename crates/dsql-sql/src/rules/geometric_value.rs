//! Geometric values.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "geometric_value",
    summary: "Geometric types are not supported, not even in expressions",
    since: GA,
    page: page::TYPES,
    forms: Form::QUERIES,
    matches: Match::Places(find),
};

const TYPES: &[&str] = &["box", "circle", "line", "lseg", "path", "point", "polygon"];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.places_of(TYPES).next().is_none() {
        return;
    }
    // Of each open bracket: is it CAST's?
    let mut casts = Vec::new();
    for at in 1..subject.tokens.len() {
        if subject.symbol_at(at, b'(') {
            casts.push(subject.word_at(at - 1, "cast"));
        } else if subject.symbol_at(at, b')') {
            casts.pop();
        }
        let Some(name) = TYPES.iter().find(|name| subject.word_at(at, name)) else {
            continue;
        };
        let is_qualified =
            at >= 2 && subject.symbol_at(at - 1, b'.') && subject.word_at(at - 2, "pg_catalog");
        let first = if is_qualified { at - 2 } else { at };
        let cast =
            first >= 2 && subject.symbol_at(first - 1, b':') && subject.symbol_at(first - 2, b':');
        let called = casts.last() == Some(&true)
            && first >= 1
            && subject.word_at(first - 1, "as")
            && subject.symbol_at(at + 1, b')');
        // PATH 'x' is a clause of XMLTABLE.
        let typed = *name != "path"
            && subject
                .tokens
                .get(at + 1)
                .is_some_and(|next| next.kind == TokenKind::String)
            && !subject.symbol_at(at - 1, b'.');
        if cast || called || typed {
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
    fn refused_in_a_view() {
        assert_snapshot!(checked("CREATE VIEW v AS SELECT CAST(place AS point) FROM pet"), @"0A000 datatype point not supported");
    }

    #[test]
    fn accepted_as_a_clause() {
        assert_snapshot!(checked("SELECT * FROM xmltable('/a' PASSING doc COLUMNS b int PATH 'c')"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("SELECT '((0,0),1)'::circle"), @"-- error: geometric types are not supported: keep the numbers in columns of their own [geometric_value]; the service answers 0A000: datatype circle not supported");
    }
}
