//! PostgreSQL's tokens, as far as splitting, classifying and editing need them.
//!
//! Bytes above ASCII are letters, as in PostgreSQL's own scanner, so a token
//! never begins or ends inside a character. Nothing here fails: what is left
//! open (a quote, a comment) runs to the end of the text.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A bare word: a keyword or an identifier.
    Word,
    /// `"…"` or `U&"…"`.
    QuotedName,
    /// Any string constant: `'…'`, `E'…'`, `B'…'`, `U&'…'`, `$tag$…$tag$`.
    String,
    /// A number, or a parameter such as `$1`.
    Number,
    /// One byte of punctuation or of an operator.
    Symbol(u8),
}

/// A token and its place, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Token {
    pub(crate) fn text<'a>(&self, source: &'a str) -> &'a str {
        &source[self.start..self.end]
    }

    pub(crate) fn is_symbol(&self, symbol: u8) -> bool {
        self.kind == TokenKind::Symbol(symbol)
    }

    /// Is this the bare word `word` (given in lower case)?
    pub(crate) fn is_word(&self, source: &str, word: &str) -> bool {
        self.kind == TokenKind::Word
            && self.end - self.start == word.len()
            && source.as_bytes()[self.start..self.end].eq_ignore_ascii_case(word.as_bytes())
    }

    pub(crate) fn is_name(&self) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::QuotedName)
    }
}

/// The tokens of a text, without spaces and comments.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        Self { source, at: 0 }
    }

    pub(crate) fn starting_at(source: &'a str, at: usize) -> Self {
        Self { source, at }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let bytes = self.source.as_bytes();
        let start = skip_blank(bytes, self.at);
        let Some(&first) = bytes.get(start) else {
            self.at = start;
            return None;
        };
        let (kind, end) = token(bytes, start, first);
        self.at = end;
        Some(Token { kind, start, end })
    }
}

/// The place after all spaces and comments that begin at `at`.
pub(crate) fn skip_blank(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => at += 1,
            b'-' if bytes.get(at + 1) == Some(&b'-') => at = end_of_line(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => at = end_of_block_comment(bytes, at),
            _ => break,
        }
    }
    at
}

/// The place after the white space, not the comments, that begins at `at`.
pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|&byte| is_space(byte)) {
        at += 1;
    }
    at
}

pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn token(bytes: &[u8], start: usize, first: u8) -> (TokenKind, usize) {
    let next = bytes.get(start + 1).copied();
    match first {
        b'\'' => (TokenKind::String, end_of_quoted(bytes, start, b'\'')),
        b'"' => (TokenKind::QuotedName, end_of_quoted(bytes, start, b'"')),
        b'e' | b'E' if next == Some(b'\'') => {
            (TokenKind::String, end_of_escape_string(bytes, start + 1))
        }
        b'b' | b'B' | b'x' | b'X' | b'n' | b'N' if next == Some(b'\'') => {
            (TokenKind::String, end_of_quoted(bytes, start + 1, b'\''))
        }
        b'u' | b'U' if next == Some(b'&') && bytes.get(start + 2) == Some(&b'\'') => {
            (TokenKind::String, end_of_quoted(bytes, start + 2, b'\''))
        }
        b'u' | b'U' if next == Some(b'&') && bytes.get(start + 2) == Some(&b'"') => {
            (TokenKind::QuotedName, end_of_quoted(bytes, start + 2, b'"'))
        }
        b'$' => dollar(bytes, start),
        b'0'..=b'9' => (TokenKind::Number, end_of_number(bytes, start)),
        b'.' if next.is_some_and(|byte| byte.is_ascii_digit()) => {
            (TokenKind::Number, end_of_number(bytes, start))
        }
        _ if starts_word(first) => (TokenKind::Word, end_of_word(bytes, start)),
        _ => (TokenKind::Symbol(first), start + 1),
    }
}

fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn continues_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn end_of_word(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|&byte| continues_word(byte)) {
        at += 1;
    }
    at
}

/// Digits, a point, an exponent; letters glued to digits stay with them.
fn end_of_number(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        let glued = byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        let point = byte == b'.' && bytes.get(at + 1) != Some(&b'.');
        let sign = matches!(byte, b'+' | b'-')
            && matches!(bytes.get(at.wrapping_sub(1)), Some(b'e' | b'E'))
            && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !(glued || point || sign) {
            break;
        }
        at += 1;
    }
    at
}

/// `at` is at the opening quote; a doubled quote stays inside.
fn end_of_quoted(bytes: &[u8], at: usize, quote: u8) -> usize {
    let mut at = at + 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte == quote {
            if bytes.get(at) == Some(&quote) {
                at += 1;
            } else {
                return at;
            }
        }
    }
    bytes.len()
}

/// `at` is at the quote after `E`. A continuation on a later line keeps the
/// backslash rule, so it belongs to the same token.
fn end_of_escape_string(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' if at < bytes.len() => at += 1,
            b'\'' if bytes.get(at) == Some(&b'\'') => at += 1,
            b'\'' => match continuation(bytes, at) {
                Some(opening) => at = opening + 1,
                None => return at,
            },
            _ => {}
        }
    }
    bytes.len()
}

/// The next opening quote, when only spaces and line comments with at least
/// one line break stand before it.
fn continuation(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut broken = false;
    loop {
        match bytes.get(at)? {
            b'\n' | b'\r' => {
                broken = true;
                at += 1;
            }
            byte if is_space(*byte) => at += 1,
            b'-' if broken && bytes.get(at + 1) == Some(&b'-') => at = end_of_line(bytes, at),
            b'\'' if broken => return Some(at),
            _ => return None,
        }
    }
}

/// `$1`, `$tag$…$tag$`, or a lone `$`.
fn dollar(bytes: &[u8], start: usize) -> (TokenKind, usize) {
    let mut at = start + 1;
    match bytes.get(at) {
        Some(byte) if byte.is_ascii_digit() => {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            return (TokenKind::Number, at);
        }
        Some(&byte) if starts_word(byte) => {
            while bytes
                .get(at)
                .is_some_and(|&byte| continues_word(byte) && byte != b'$')
            {
                at += 1;
            }
        }
        _ => {}
    }
    if bytes.get(at) != Some(&b'$') {
        return (TokenKind::Symbol(b'$'), start + 1);
    }
    let tag = &bytes[start..=at];
    let mut from = at + 1;
    // Every `$` either closes the quote or may open its closing tag, so the
    // search looks at each byte a bounded number of times per tag length.
    while let Some(step) = bytes[from.min(bytes.len())..]
        .iter()
        .position(|&byte| byte == b'$')
    {
        from += step;
        if bytes[from..].starts_with(tag) {
            return (TokenKind::String, from + tag.len());
        }
        from += 1;
    }
    (TokenKind::String, bytes.len())
}

fn end_of_line(bytes: &[u8], at: usize) -> usize {
    bytes[at..]
        .iter()
        .position(|&byte| byte == b'\n' || byte == b'\r')
        .map_or(bytes.len(), |step| at + step + 1)
}

/// Block comments nest.
fn end_of_block_comment(bytes: &[u8], at: usize) -> usize {
    let mut depth = 1usize;
    let mut at = at + 2;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'/', Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (b'*', Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        Lexer::new(source).map(|token| token.text(source)).collect()
    }

    #[test]
    fn a_doubled_quote_stays_inside_the_string() {
        assert_eq!(texts("'it''s' \"a\"\"b\""), ["'it''s'", "\"a\"\"b\""]);
    }

    #[test]
    fn a_backslash_escapes_only_in_escape_strings() {
        assert_eq!(texts(r"E'a\'b' 'c\' d"), [r"E'a\'b'", r"'c\'", "d"]);
        assert_eq!(texts("E'a'\n 'b\\'c' d"), ["E'a'\n 'b\\'c'", "d"]);
    }

    #[test]
    fn dollar_quotes_may_have_tags_of_any_letters() {
        assert_eq!(texts("$é1$ a $b$ $é1$ c"), ["$é1$ a $b$ $é1$", "c"]);
        assert_eq!(texts("$$a;b$$"), ["$$a;b$$"]);
        assert_eq!(texts("a$b$c $1"), ["a$b$c", "$1"]);
    }

    #[test]
    fn comments_nest_and_end_operators() {
        assert_eq!(
            texts("1 */* a /* b */ c */ 2 -- x\n3"),
            ["1", "*", "2", "3"]
        );
    }

    #[test]
    fn unicode_names_and_strings_are_one_token() {
        assert_eq!(texts(r#"U&"d\0061t" u&'x' "#), [r#"U&"d\0061t""#, "u&'x'"]);
    }

    #[test]
    fn an_exponent_keeps_its_sign() {
        assert_eq!(
            texts("1e-5-2 0x1F .5 t.1"),
            ["1e-5", "-", "2", "0x1F", ".5", "t", ".1"]
        );
    }
}
