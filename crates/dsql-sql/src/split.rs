//! A script as its statements.

use crate::lex::{Lexer, Token, TokenKind, skip_blank, skip_space};
use crate::statement::Statement;

/// The statements of a script, in order.
///
/// A semicolon ends a statement except in quotes, comments, brackets and in
/// the `BEGIN ATOMIC … END` body of a function. What holds only spaces and
/// comments is no statement; between two statements stand only a semicolon,
/// spaces and such pieces. Never fails: a quote left open ends with the
/// script. The time is linear in the script.
///
/// Of psql's own script language it knows what dumps hold: a line that begins
/// with a backslash where a statement could begin is a piece of its own, and
/// the rows after `COPY … FROM stdin;` up to `\\.` belong to that statement.
///
/// ```
/// let texts: Vec<_> = dsql_sql::split("SELECT ';'; -- one\nSELECT 2;")
///     .map(|statement| statement.text())
///     .collect();
/// assert_eq!(texts, ["SELECT ';'", "-- one\nSELECT 2"]);
/// ```
pub fn split(script: &str) -> impl Iterator<Item = Statement<'_>> {
    Pieces {
        script,
        at: 0,
        rows_ahead: true,
    }
    .filter(|piece| skip_blank(piece.text().as_bytes(), 0) < piece.text().len())
}

/// Every stretch between semicolons, the blank ones too.
#[derive(Debug, Clone)]
pub(crate) struct Pieces<'a> {
    script: &'a str,
    at: usize,
    /// May rows of a COPY still follow?
    rows_ahead: bool,
}

impl Pieces<'_> {
    /// Where the piece that begins at `from` ends, and where the next begins.
    fn end(&mut self, from: usize) -> (usize, usize) {
        let bytes = self.script.as_bytes();
        let first = skip_blank(bytes, from);
        if bytes.get(first) == Some(&b'\\') {
            let line = self.script[first..].find('\n');
            let end = line.map_or(bytes.len(), |line| first + line);
            return (end, end + 1);
        }
        let end = end_of_statement(self.script, from);
        if self.rows_ahead && end < bytes.len() && copies_rows(&self.script[from..end]) {
            match self.script[end..].find("\n\\.") {
                Some(rows) => return (end + rows + 3, end + rows + 3),
                None => self.rows_ahead = false,
            }
        }
        (end, end + 1)
    }
}

/// Is this COPY … FROM STDIN?
fn copies_rows(statement: &str) -> bool {
    let mut tokens = Lexer::new(statement);
    if !tokens
        .next()
        .is_some_and(|first| first.is_word(statement, "copy"))
    {
        return false;
    }
    let mut from = false;
    tokens.any(|token| {
        let found = from && token.is_word(statement, "stdin");
        from = token.is_word(statement, "from");
        found
    })
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Statement<'a>;

    fn next(&mut self) -> Option<Statement<'a>> {
        if self.at >= self.script.len() {
            return None;
        }
        let (end, next) = self.end(self.at);
        let start = skip_space(self.script.as_bytes(), self.at).min(end);
        let text =
            self.script[start..end].trim_end_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
        self.at = next;
        Some(Statement::at(text, start))
    }
}

/// The place of the semicolon that ends the statement beginning at `from`, or
/// the end of the script.
fn end_of_statement(script: &str, from: usize) -> usize {
    let mut brackets = 0usize;
    let mut body = Body::default();
    for token in Lexer::starting_at(script, from) {
        match token.kind {
            TokenKind::Symbol(b'(') => brackets += 1,
            TokenKind::Symbol(b')') => brackets = brackets.saturating_sub(1),
            TokenKind::Symbol(b';') if brackets == 0 && body.depth == 0 => return token.start,
            _ => {}
        }
        body.see(script, token);
    }
    script.len()
}

/// How deep we are in `BEGIN ATOMIC … END`, where `CASE … END` nests too.
#[derive(Debug, Default)]
struct Body {
    depth: usize,
    words: usize,
    creates: bool,
    routine: bool,
    /// The last token was `.` or `AS`, so a word now is a name.
    names: bool,
    begun: bool,
}

impl Body {
    fn see(&mut self, script: &str, token: Token) {
        let TokenKind::Word = token.kind else {
            self.names = token.is_symbol(b'.');
            self.begun = false;
            return;
        };
        let is = |word| token.is_word(script, word);
        self.words += 1;
        if self.words == 1 {
            self.creates = is("create");
        } else if self.creates && self.words <= 4 {
            self.routine |= is("function") || is("procedure");
        }
        if !self.routine {
            return;
        }
        if self.depth > 0 && !self.names {
            if is("case") {
                self.depth += 1;
            } else if is("end") {
                self.depth -= 1;
            }
        } else if self.depth == 0 && self.begun && is("atomic") {
            self.depth = 1;
        }
        self.begun = is("begin");
        self.names = is("as");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(script: &str) -> Vec<&str> {
        split(script).map(|statement| statement.text()).collect()
    }

    #[test]
    fn quotes_and_comments_hide_semicolons() {
        assert_eq!(
            texts(
                "select ';', E'\\';', \";\", $$;$$, $ä$;$ä$; /* ; /* ; */ ; */ select 2 -- ;\n; "
            ),
            [
                "select ';', E'\\';', \";\", $$;$$, $ä$;$ä$",
                "/* ; /* ; */ ; */ select 2 -- ;"
            ]
        );
    }

    #[test]
    fn empty_statements_are_left_out() {
        assert_eq!(texts(";; -- nothing\n ; select 1;;"), ["select 1"]);
    }

    #[test]
    fn an_atomic_body_is_one_statement() {
        let body = "create or replace function f() returns int begin atomic \
                    select case when true then 1 else 2 end as end; select t.case from t; end";
        assert_eq!(texts(&format!("{body}; select 1")), [body, "select 1"]);
        assert_eq!(texts("begin; select 1; end; select 2").len(), 4);
    }

    #[test]
    fn offsets_lead_back_into_the_script() {
        let script = "select 1;\n  select 2 ;select 3";
        for statement in split(script) {
            assert!(script[statement.offset()..].starts_with(statement.text()));
        }
        let offsets: Vec<_> = split(script).map(|statement| statement.offset()).collect();
        assert_eq!(offsets, [0, 12, 22]);
    }

    #[test]
    fn a_dump_is_cut_into_its_statements() {
        let dump = "\\restrict k;y\nSET a = 1;\nCOPY pet (id) FROM stdin;\n1;'\n2\n\\.\n\nSELECT 1;\n\\unrestrict k\n";
        assert_eq!(
            texts(dump),
            [
                "\\restrict k;y",
                "SET a = 1",
                "COPY pet (id) FROM stdin;\n1;'\n2\n\\.",
                "SELECT 1",
                "\\unrestrict k"
            ]
        );
        assert_eq!(
            texts("COPY pet FROM stdin; SELECT 1"),
            ["COPY pet FROM stdin", "SELECT 1"]
        );
    }

    #[test]
    fn an_open_quote_ends_with_the_script() {
        assert_eq!(texts("select 'a; select 2"), ["select 'a; select 2"]);
    }
}
