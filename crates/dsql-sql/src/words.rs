//! Which bare words a statement holds, and where.

use crate::lex::{Token, TokenKind};

/// The places of the bare words among a statement's tokens, gathered while
/// they are read. Who looks for a word that is not there, as most rules do in
/// most statements, is mostly told so by one bit.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// Places among the tokens, in order.
    places: Vec<usize>,
    /// The [`bit`]s of the words that occur.
    bits: u128,
}

impl Words {
    /// Takes note of the token that stands at this place.
    pub(crate) fn see(&mut self, source: &str, token: Token, place: usize) {
        if token.kind == TokenKind::Word {
            self.bits |= bit(&source.as_bytes()[token.start..token.end]);
            self.places.push(place);
        }
    }

    /// Where any words stand.
    pub(crate) fn places(&self) -> &[usize] {
        &self.places
    }

    /// False: it does not occur.
    pub(crate) fn may_hold(&self, word: &str) -> bool {
        self.bits & bit(word.as_bytes()) != 0
    }
}

/// One bit for a word, by its ends and its length, in upper case and lower
/// case the same.
fn bit(word: &[u8]) -> u128 {
    let (Some(first), Some(last)) = (word.first(), word.last()) else {
        return 0;
    };
    let fold = |byte: &u8| usize::from(byte | 0x20);
    let mixed = fold(first) * 31 + fold(last) * 7 + word.len() * 3;
    1 << (mixed % 128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lex::Lexer;

    fn words(source: &str) -> Words {
        let mut words = Words::default();
        for (place, token) in Lexer::new(source).enumerate() {
            words.see(source, token, place);
        }
        words
    }

    #[test]
    fn a_word_is_found_in_any_case() {
        let words = words("SELECT 1 fOR \"update\"");
        assert!(words.may_hold("select") && words.may_hold("for"));
        assert!(!words.may_hold("update") && !words.may_hold("merge"));
        assert_eq!(words.places(), [0, 2]);
    }
}
