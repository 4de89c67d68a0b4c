//! The body of a function, where it is a string.

use super::prelude::*;
use crate::{check, split};

/// Whether the service reads the body when the function is created or when it
/// is called is not recorded, so the check has nothing to say.
pub(super) static RULE: Rule = Rule {
    id: "function_body",
    summary: "A function's body holds nothing that is refused by itself",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::CreateFunction],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(string) = body(subject) else { return };
    let Some(body) = value(string.text(subject.text)) else {
        return;
    };
    for statement in split(&body) {
        // A function in a function is not read: how deep they may go is not bounded.
        let mut words = crate::lex::Lexer::new(statement.text()).take(4);
        if words.any(|token| token.is_word(statement.text(), "function")) {
            continue;
        }
        if let Err(refusal) = check(&statement) {
            findings.push(Finding {
                rule: RULE.id,
                at: string.start,
                refusal: None,
                fix: Fix::Refuse(format!(
                    "the function's body is refused, when it is created or when it is called: {} \
                     ({})",
                    refusal.message(),
                    refusal.rule()
                )),
            });
        }
    }
}

/// The string after AS of a function that is written in SQL.
fn body(subject: &Subject<'_>) -> Option<Token> {
    let mut depth = 0usize;
    let mut string = None;
    let mut is_sql = false;
    for at in 2..subject.tokens.len() {
        match subject.tokens[at].kind {
            TokenKind::Symbol(b'(') => depth += 1,
            TokenKind::Symbol(b')') => depth = depth.saturating_sub(1),
            TokenKind::Word if depth == 0 && subject.word_at(at, "language") => {
                let language = subject.text_at(at + 1).trim_matches('\'');
                is_sql |= language.eq_ignore_ascii_case("sql");
            }
            TokenKind::Word if depth == 0 && subject.word_at(at, "as") => {
                let next = subject.tokens.get(at + 1).copied();
                string = next.filter(|next| next.kind == TokenKind::String);
            }
            _ => {}
        }
    }
    string.filter(|_| is_sql)
}

/// What a string stands for; `None` where it has escapes.
fn value(written: &str) -> Option<String> {
    if !written.starts_with('$') {
        return super::literal(written);
    }
    let tag = written[1..].find('$')? + 2;
    let end = written.len().checked_sub(tag)?;
    written.get(tag..end).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(planned("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS $$ SELECT 1; SELECT count(*) FROM pet $$"), @"CREATE FUNCTION one() RETURNS int LANGUAGE sql AS $$ SELECT 1; SELECT count(*) FROM pet $$;");
    }

    #[test]
    fn passed_on_since_it_is_not_known_when_the_service_reads_it() {
        assert_snapshot!(checked("CREATE FUNCTION some() RETURNS SETOF pet LANGUAGE sql AS $$ SELECT * FROM pet TABLESAMPLE system (1) $$"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE FUNCTION some() RETURNS SETOF pet AS $f$ SELECT * FROM pet FOR SHARE; $f$ LANGUAGE sql"), @"-- error: the function's body is refused, when it is created or when it is called: locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported (locking_clause) [function_body]");
    }

    #[test]
    fn fixed_in_plain_quotes() {
        assert_snapshot!(planned("CREATE FUNCTION emptied() RETURNS void LANGUAGE 'sql' AS 'TRUNCATE pet; SELECT to_tsvector(''english'', ''a'')'"), @r#"
        -- error: the function's body is refused, when it is created or when it is called: unsupported statement: Truncate (truncate) [function_body]
        -- error: the function's body is refused, when it is created or when it is called: text search configuration "english" does not exist (text_search_configuration) [function_body]
        "#);
    }

    #[test]
    fn a_function_in_a_function_is_not_read() {
        let nested = (0..2_000).fold("TRUNCATE a".to_owned(), |body, n| {
            format!("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $a{n}$ {body} $a{n}$")
        });
        assert_snapshot!(checked(&nested), @"accepted");
    }

    #[test]
    fn not_read_in_another_language() {
        assert_snapshot!(checked("CREATE FUNCTION f() RETURNS void LANGUAGE plperl AS 'TRUNCATE pet'"), @"0A000 CREATE FUNCTION with language plperl not supported");
    }
}
