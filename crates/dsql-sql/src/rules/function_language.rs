//! CREATE FUNCTION in other languages.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "function_language",
    summary: "Functions are written in SQL",
    since: GA,
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
            TokenKind::Word if depth == 0 && subject.word_at(at, "atomic") => return,
            TokenKind::Word if depth == 0 && subject.word_at(at, "language") => {
                // A function may be called so.
                let is_option = subject
                    .tokens
                    .get(at + 1)
                    .is_some_and(|next| next.is_name() || next.kind == TokenKind::String);
                if !is_option {
                    continue;
                }
                let written = subject.text_at(at + 1);
                let language =
                    super::literal(written).unwrap_or_else(|| super::name::folded(written));
                if !language.is_empty() && !language.eq_ignore_ascii_case("sql") {
                    findings.push(Finding {
                        rule: RULE.id,
                        at: subject.tokens[at].start,
                        refusal: Some(Refusal::unsupported(
                            RULE.id,
                            format!("CREATE FUNCTION with language {language} not supported"),
                        )),
                        fix: Fix::Refuse(format!(
                            "functions in {language} are not supported: write it in SQL (LANGUAGE \
                             sql), or in the application"
                        )),
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
        assert_snapshot!(checked("CREATE OR REPLACE FUNCTION one() RETURNS int AS 'select 1' LANGUAGE 'sql'"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE FUNCTION f() RETURNS int AS $$ BEGIN RETURN 1; END $$ LANGUAGE plpgsql"), @"0A000 CREATE FUNCTION with language plpgsql not supported");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'begin return 1; end'"), @"-- error: functions in plpgsql are not supported: write it in SQL (LANGUAGE sql), or in the application [function_language]; the service answers 0A000: CREATE FUNCTION with language plpgsql not supported");
    }
}
