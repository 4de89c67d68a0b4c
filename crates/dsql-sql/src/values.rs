//! The rows that an INSERT lists.

use crate::lex::TokenKind;
use crate::rule::Subject;

/// `VALUES (…), (…)` of an INSERT, and what follows.
#[derive(Debug)]
pub(crate) struct Values {
    /// Where the word is.
    pub(crate) at: usize,
    /// Where it ends.
    pub(crate) end: usize,
    /// Each row, from bracket to bracket.
    pub(crate) rows: Vec<(usize, usize)>,
    /// The comma after each row but the last.
    pub(crate) commas: Vec<usize>,
    pub(crate) returns: bool,
}

impl Values {
    /// `None` where there is no list, or none that is well formed.
    pub(crate) fn of(subject: &Subject<'_>) -> Option<Self> {
        if !subject.word_at(0, "insert") || !subject.has_word("values") {
            return None;
        }
        let tokens = &subject.tokens;
        let mut depth = 0usize;
        let values = (1..tokens.len()).find(|&at| {
            match tokens[at].kind {
                TokenKind::Symbol(b'(') => depth += 1,
                TokenKind::Symbol(b')') => depth = depth.saturating_sub(1),
                _ => {}
            }
            // DEFAULT VALUES, OVERRIDING … VALUE and a column of that name have no list.
            depth == 0 && subject.word_at(at, "values") && subject.symbol_at(at + 1, b'(')
        })?;
        let (mut rows, mut commas) = (Vec::new(), Vec::new());
        let mut start = 0;
        let mut last = values;
        for (at, token) in tokens.iter().enumerate().skip(values + 1) {
            match token.kind {
                TokenKind::Symbol(b'(') => {
                    if depth == 0 {
                        start = token.start;
                    }
                    depth += 1;
                }
                TokenKind::Symbol(b')') => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        rows.push((start, token.end));
                        last = at;
                    }
                }
                TokenKind::Symbol(b',') if depth == 0 => commas.push(token.start),
                _ if depth == 0 => break,
                _ => {}
            }
        }
        let returns = subject.places("returning").any(|at| at > last);
        (commas.len() + 1 == rows.len()).then(|| Self {
            at: tokens[values].start,
            end: tokens[values].end,
            rows,
            commas,
            returns,
        })
    }
}
