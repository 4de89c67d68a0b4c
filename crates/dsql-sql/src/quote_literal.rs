//! A text as a statement writes it.

/// A string constant with this text, as PostgreSQL's `quote_literal` makes it:
/// quotes doubled, and where there is a backslash `E'…'` with backslashes
/// doubled, so that it reads the same whatever `standard_conforming_strings`
/// says.
///
/// A text with a zero byte has no constant in PostgreSQL, which refuses what
/// comes out here.
///
/// ```
/// assert_eq!(dsql_sql::quote_literal("it's"), "'it''s'");
/// assert_eq!(dsql_sql::quote_literal(r"C:\it's"), r"E'C:\\it''s'");
/// ```
pub fn quote_literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lex::{Lexer, TokenKind};

    #[test]
    fn quotes_and_backslashes_are_doubled() {
        assert_eq!(quote_literal(""), "''");
        assert_eq!(quote_literal("a\\'b"), "E'a\\\\''b'");
    }

    proptest! {
        #[test]
        fn nothing_gets_out_of_its_quotes(text: String) {
            let written = quote_literal(&text) + " x";
            let tokens: Vec<_> = Lexer::new(&written).collect();
            prop_assert_eq!(tokens.len(), 2);
            prop_assert_eq!(tokens[0].kind, TokenKind::String);
            prop_assert_eq!(tokens[1].text(&written), "x");
        }
    }
}
