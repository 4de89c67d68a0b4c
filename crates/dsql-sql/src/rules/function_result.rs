//! What a function returns.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "function_result",
    summary: "A function takes ranges but returns none",
    since: "2026-08-28",
    page: page::TYPES,
    forms: &[Form::CreateFunction],
    matches: Match::Places(find),
};

const RANGES: &[&str] = &[
    "daterange",
    "int4range",
    "int8range",
    "numrange",
    "tsrange",
    "tstzrange",
];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let mut depth = 0usize;
    for at in 2..subject.tokens.len() {
        match subject.tokens[at].kind {
            TokenKind::Symbol(b'(') => depth += 1,
            TokenKind::Symbol(b')') => depth = depth.saturating_sub(1),
            TokenKind::Word if depth == 0 && subject.word_at(at, "returns") => {
                let mut first = at + 1;
                first += usize::from(subject.word_at(first, "setof"));
                if subject.word_at(first, "pg_catalog") && subject.symbol_at(first + 1, b'.') {
                    first += 2;
                }
                let is_range = RANGES.iter().any(|range| subject.word_at(first, range))
                    && !subject.symbol_at(first + 1, b'.')
                    && !subject.symbol_at(first + 1, b'[');
                if is_range {
                    findings.push(Finding {
                        rule: RULE.id,
                        at: subject.tokens[first].start,
                        // Refused, but its words are not recorded.
                        refusal: None,
                        fix: Fix::Refuse(
                            "a function cannot return a range: return its two bounds, as with \
                             RETURNS TABLE (lower …, upper …)"
                                .to_owned(),
                        ),
                    });
                }
                return;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE FUNCTION first(span int4range) RETURNS int LANGUAGE sql RETURN lower(span)"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CREATE FUNCTION ten() RETURNS int4range LANGUAGE sql RETURN int4range(1, 10)"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE FUNCTION ten() RETURNS SETOF pg_catalog.int8range LANGUAGE sql AS 'select int8range(1, 10)'"), @"-- error: a function cannot return a range: return its two bounds, as with RETURNS TABLE (lower …, upper …) [function_result]");
    }
}
