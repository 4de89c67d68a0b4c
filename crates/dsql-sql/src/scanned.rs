//! A statement that has been read, for all who ask about it.

use std::rc::Rc;

use crate::check::refusal_of;
use crate::lex::TokenKind;
use crate::plan::Options;
use crate::rule::{Reading, Subject};
use crate::{Kind, Refusal, Statement};

/// A statement with its tokens and words, read once; what is asked of it then
/// does not go through its text again.
///
/// ```
/// use dsql_sql::Statement;
///
/// let insert = Statement::new("INSERT INTO pet (name) VALUES ('Rex'), ('select')").scan();
/// assert!(insert.check().is_ok());
/// assert_eq!(insert.listed_rows(), Some(2));
/// assert!(!insert.has_word("select"));
/// ```
pub struct Scanned<'a> {
    statement: Statement<'a>,
    options: Options,
    reading: Rc<Reading>,
}

impl std::fmt::Debug for Scanned<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Scanned").field(&self.statement).finish()
    }
}

impl<'a> Scanned<'a> {
    pub(crate) fn new(statement: Statement<'a>) -> Self {
        Self {
            statement,
            options: Options::default(),
            reading: Rc::new(Reading::of(statement.text())),
        }
    }

    /// The statement as it stands.
    pub fn statement(&self) -> &Statement<'a> {
        &self.statement
    }

    /// See [`Statement::kind`].
    pub fn kind(&self) -> Kind {
        self.reading.kind
    }

    /// See [`check`](crate::check()).
    pub fn check(&self) -> Result<(), Refusal> {
        refusal_of(&self.subject()).map_or(Ok(()), Err)
    }

    /// See [`Statement::locks_rows`].
    pub fn locks_rows(&self) -> bool {
        self.has_word("for") && self.statement.locks_rows()
    }

    /// Does this word (in lower case) stand anywhere, unquoted and outside of
    /// strings and comments?
    pub fn has_word(&self, word: &str) -> bool {
        self.subject().has_word(word)
    }

    /// The names as written, the quoted ones in their quotes, and with them
    /// the keywords.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        let text = self.statement.text();
        (self.reading.tokens.iter())
            .filter(|token| token.is_name())
            .map(move |token| token.text(text))
    }

    /// Does this operator stand anywhere, be it as a part of another?
    pub fn has_operator(&self, operator: &str) -> bool {
        let symbols = operator.as_bytes();
        !symbols.is_empty()
            && (self.reading.tokens.windows(symbols.len())).any(|tokens| {
                let place = tokens[0].start;
                (tokens.iter().zip(symbols).enumerate()).all(|(at, (token, symbol))| {
                    token.is_symbol(*symbol) && token.start == place + at
                })
            })
    }

    /// Bytes of the longest constant or name, as written.
    pub fn longest_token(&self) -> usize {
        let lengths = self.reading.tokens.iter().map(|t| t.end - t.start);
        lengths.max().unwrap_or(0)
    }

    /// How many rows an INSERT stores at most, where its text tells: it lists
    /// them after VALUES, or DEFAULT VALUES. `None` for all else, a list with a
    /// query in it too, and for a single row that calls a function which may
    /// answer several values: of those PostgreSQL makes as many rows.
    ///
    /// Rows that triggers or functions store besides are not counted.
    pub fn listed_rows(&self) -> Option<u64> {
        const QUERIES: &[&str] = &["select", "table", "with", "union", "intersect", "except"];
        let subject = self.subject();
        if !subject.word_at(0, "insert") || subject.places_of(QUERIES).next().is_some() {
            return None;
        }
        let is_default = |at: usize| subject.word_at(at + 1, "values");
        if subject.places("default").any(is_default) {
            return Some(1);
        }
        let rows = &subject.values()?.rows;
        // PostgreSQL refuses a function of several values in a list of several rows.
        let is_certain =
            rows.len() > 1 || rows.first().is_none_or(|row| answers_once(&subject, *row));
        is_certain.then_some(rows.len() as u64)
    }

    pub(crate) fn subject(&self) -> Subject<'_> {
        let reading = Rc::clone(&self.reading);
        Subject::read(self.statement.text(), &self.options, None, Some(reading))
    }
}

/// What may stand before a bracket and is no function of several values: such
/// functions that are common in a row, and keywords. In order.
const ANSWERS_ONCE: &[&str] = &[
    "abs",
    "age",
    "and",
    "case",
    "cast",
    "ceil",
    "char",
    "char_length",
    "clock_timestamp",
    "coalesce",
    "concat",
    "current_time",
    "current_timestamp",
    "currval",
    "date_trunc",
    "decimal",
    "decode",
    "else",
    "encode",
    "extract",
    "floor",
    "format",
    "gen_random_uuid",
    "greatest",
    "in",
    "interval",
    "jsonb_build_array",
    "jsonb_build_object",
    "least",
    "left",
    "length",
    "localtime",
    "localtimestamp",
    "lower",
    "make_date",
    "make_interval",
    "make_timestamp",
    "make_timestamptz",
    "md5",
    "mod",
    "nextval",
    "not",
    "now",
    "nullif",
    "numeric",
    "or",
    "random",
    "repeat",
    "replace",
    "right",
    "round",
    "row",
    "sha256",
    "statement_timestamp",
    "substr",
    "substring",
    "then",
    "time",
    "timestamp",
    "timestamptz",
    "to_char",
    "to_date",
    "to_jsonb",
    "to_number",
    "to_timestamp",
    "transaction_timestamp",
    "trim",
    "trunc",
    "upper",
    "varchar",
    "when",
];

/// Is every function in this stretch known to answer one value?
fn answers_once(subject: &Subject<'_>, (start, end): (usize, usize)) -> bool {
    let first = subject.tokens.partition_point(|token| token.start < start);
    let tokens = &subject.tokens[first..];
    let calls = (tokens.iter().zip(tokens.iter().skip(1)))
        .take_while(|(_, bracket)| bracket.end <= end)
        .filter(|(name, bracket)| name.is_name() && bracket.is_symbol(b'('));
    for (name, _) in calls {
        let is_known = name.kind == TokenKind::Word && {
            let name = name.text(subject.text).to_ascii_lowercase();
            ANSWERS_ONCE.binary_search(&name.as_str()).is_ok()
        };
        if !is_known {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(sql: &str) -> Option<u64> {
        Statement::new(sql).scan().listed_rows()
    }

    #[test]
    fn listed_rows_are_counted() {
        assert_eq!(rows("INSERT INTO pet VALUES (1, ')'), (2, '(')"), Some(2));
        assert_eq!(
            rows(
                "insert into pet (id) values (now()), (f(1, 2)) on conflict do nothing returning id"
            ),
            Some(2)
        );
        assert_eq!(rows("INSERT INTO pet DEFAULT VALUES;"), Some(1));
        assert_eq!(
            rows(
                "INSERT INTO pet VALUES (coalesce($1, gen_random_uuid()), 'generate_series(1, 9)')"
            ),
            Some(1)
        );
    }

    #[test]
    fn a_row_that_may_become_several_is_not_counted() {
        for sql in [
            "INSERT INTO pet VALUES (generate_series(1, 9))",
            "INSERT INTO pet VALUES (1 + (2 * pg_catalog.generate_series(1, 9)))",
            "INSERT INTO pet VALUES (\"unnest\"($1))",
        ] {
            assert_eq!(rows(sql), None, "{sql}");
        }
    }

    #[test]
    fn rows_that_a_query_answers_are_not_counted() {
        for sql in [
            "INSERT INTO pet SELECT * FROM other",
            "INSERT INTO pet TABLE other",
            "INSERT INTO pet VALUES (1) UNION ALL VALUES (2)",
            "INSERT INTO pet (SELECT * FROM (VALUES (1), (2)) AS v)",
            "INSERT INTO pet",
            "UPDATE pet SET a = 1",
            "",
        ] {
            assert_eq!(rows(sql), None, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(
            text in "(insert |into |values ?|default |\\(|\\)|,|'|;|\\||\"|U&\"|é|\\$1|now|[a-z ])*"
        ) {
            let scanned = Statement::new(&text).scan();
            let _ = (scanned.check(), scanned.listed_rows(), scanned.has_operator("||"));
            prop_assert!(scanned.names().all(|name| name.len() <= scanned.longest_token()));
            prop_assert_eq!(scanned.locks_rows(), scanned.statement().locks_rows());
        }

        #[test]
        fn as_many_rows_as_are_listed_are_counted(
            cells in proptest::collection::vec("([0-9]{1,3}|'[(),;]{0,4}'|f\\(1, 2\\)|NULL)", 2..50)
        ) {
            let sql = format!("INSERT INTO t (a) VALUES ({})", cells.join("), ("));
            prop_assert_eq!(rows(&sql), Some(cells.len() as u64));
        }
    }

    #[test]
    fn what_answers_once_is_in_order() {
        assert!(ANSWERS_ONCE.is_sorted());
    }

    #[test]
    fn strings_and_comments_hide_words_and_operators() {
        let scanned = Statement::new("SELECT 'for||' /* for || */ -- for ||\n | | a").scan();
        assert!(!scanned.has_word("for") && !scanned.has_operator("||"));
        assert!(Statement::new("SELECT a||b").scan().has_operator("||"));
    }
}
