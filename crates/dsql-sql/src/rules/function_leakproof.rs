//! LEAKPROOF.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "function_leakproof",
    summary: "Nobody is a superuser, so no function is LEAKPROOF",
    since: "2026-08-28",
    page: page::COMPATIBILITY,
    forms: &[Form::CreateFunction],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let mut depth = 0usize;
    for at in 2..subject.tokens.len() {
        match subject.tokens[at].kind {
            TokenKind::Symbol(b'(') => depth += 1,
            TokenKind::Symbol(b')') => depth = depth.saturating_sub(1),
            // The body is the last of the options.
            TokenKind::Word if depth == 0 && subject.word_at(at, "atomic") => return,
            TokenKind::Word if depth == 0 && subject.word_at(at, "return") => return,
            TokenKind::Word if depth == 0 && subject.word_at(at, "leakproof") => {
                let before = subject.text_at(at - 1);
                let is_a_name = ["not", "function", "as", "to", "=", "."]
                    .iter()
                    .any(|word| before.eq_ignore_ascii_case(word));
                if is_a_name {
                    continue;
                }
                let (start, end) = (subject.tokens[at].start, subject.tokens[at].end);
                findings.push(Finding {
                    rule: RULE.id,
                    at: start,
                    // PostgreSQL's SQLSTATE for these words; the service's is not recorded.
                    refusal: Some(Refusal::new(
                        RULE.id,
                        "42501",
                        "only superuser can define a leakproof function",
                    )),
                    fix: Fix::Edits(
                        vec![Edit::remove(subject.text, start, end)],
                        "LEAKPROOF is left out: it answers the same, and is called later in the \
                         queries of views with security_barrier"
                            .to_owned(),
                    ),
                });
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
        assert_snapshot!(checked("CREATE FUNCTION one() RETURNS int LANGUAGE sql NOT LEAKPROOF RETURN 1"), @"accepted");
    }

    #[test]
    fn accepted_as_a_name() {
        assert_snapshot!(checked("CREATE FUNCTION leakproof(leakproof int) RETURNS int LANGUAGE sql RETURN leakproof"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE FUNCTION one() RETURNS int LANGUAGE sql LEAKPROOF RETURN 1"), @"42501 only superuser can define a leakproof function");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE OR REPLACE FUNCTION one() RETURNS int IMMUTABLE leakproof LANGUAGE sql AS 'select 1'"), @"
        -- note: LEAKPROOF is left out: it answers the same, and is called later in the queries of views with security_barrier [function_leakproof]

        CREATE OR REPLACE FUNCTION one() RETURNS int IMMUTABLE LANGUAGE sql AS 'select 1';
        ");
    }
}
