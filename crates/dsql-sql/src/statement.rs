//! One statement of a script, and what kind of statement it is.

use crate::Scanned;
use crate::lex::{Lexer, Token, TokenKind};

/// One statement of a script, with its place in it.
///
/// ```
/// use dsql_sql::{Kind, Statement};
///
/// let statement = Statement::new("/* pets */ with gone as (delete from pet returning *) select 1");
/// assert_eq!(statement.kind(), Kind::Write);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Statement<'a> {
    /// Takes one statement as it stands; a semicolon at its end is left out.
    /// A text of several statements is for [`split`](crate::split).
    pub fn new(text: &'a str) -> Self {
        Self {
            text: without_semicolon(text),
            offset: 0,
        }
    }

    pub(crate) fn at(text: &'a str, offset: usize) -> Self {
        Self { text, offset }
    }

    /// The statement without its closing semicolon; comments before and
    /// inside it are kept.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Bytes from the start of the script to the start of [`text`](Self::text).
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What kind of statement this is, by its leading keywords. Nothing is
    /// parsed or allocated. Only `WITH`, `COPY` and `EXPLAIN` look further
    /// than the first few words.
    pub fn kind(&self) -> Kind {
        Words::new(self.text).kind()
    }

    /// Reads the statement once for several questions.
    pub fn scan(self) -> Scanned<'a> {
        Scanned::new(self)
    }

    /// Does this read lock the rows it returns: `SELECT … FOR UPDATE` and its
    /// kin? Such a statement is a [`Kind::Read`], but it joins the rows to the
    /// transaction's conflict set, so a read-only fast path must not take it.
    pub fn locks_rows(&self) -> bool {
        self.locking_clauses().next().is_some()
    }

    /// The same read without its locking clauses, their `OF`, `NOWAIT` and
    /// `SKIP LOCKED` included: what it answers when nobody is in its way.
    /// `None` where it has none.
    ///
    /// ```
    /// use dsql_sql::Statement;
    ///
    /// let read = Statement::new("SELECT * FROM pet p, visit FOR UPDATE OF p, visit SKIP LOCKED");
    /// assert_eq!(read.without_locks().as_deref(), Some("SELECT * FROM pet p, visit "));
    /// assert_eq!(Statement::new("SELECT 1").without_locks(), None);
    /// ```
    pub fn without_locks(&self) -> Option<String> {
        let mut text = String::new();
        let mut kept = 0;
        for (start, end) in self.locking_clauses() {
            // OF may be followed by what reads as another clause.
            if start < kept {
                continue;
            }
            text.push_str(&self.text[kept..start]);
            kept = self.end_of_locking_clause(end);
        }
        (kept > 0).then(|| text + &self.text[kept..])
    }

    /// Where the clause ends whose strength is written up to `end`.
    fn end_of_locking_clause(&self, mut end: usize) -> usize {
        let mut tokens = Lexer::starting_at(self.text, end).peekable();
        let mut accept = |is: &dyn Fn(&Token) -> bool| {
            let token = tokens.next_if(is)?;
            end = token.end;
            Some(())
        };
        let word = |word: &'static str| move |token: &Token| token.is_word(self.text, word);
        if accept(&word("of")).is_some() {
            while accept(&Token::is_name).is_some()
                && accept(&|token| token.is_symbol(b',') || token.is_symbol(b'.')).is_some()
            {
            }
        }
        if accept(&word("nowait")).is_none() && accept(&word("skip")).is_some() {
            accept(&word("locked"));
        }
        end
    }

    /// `FOR [KEY] SHARE` and `FOR [NO KEY] UPDATE`, each with its place.
    fn locking_clauses(&self) -> impl Iterator<Item = (usize, usize)> + 'a {
        let text = self.text;
        let mut tokens = Lexer::new(text);
        std::iter::from_fn(move || {
            loop {
                let first = tokens.next()?;
                if !first.is_word(text, "for") {
                    continue;
                }
                let ahead: [Option<Token>; 3] = {
                    let mut ahead = tokens.clone();
                    [ahead.next(), ahead.next(), ahead.next()]
                };
                let is =
                    |n: usize, word: &str| ahead[n].is_some_and(|token| token.is_word(text, word));
                let last = if is(0, "update") || is(0, "share") {
                    0
                } else if is(0, "key") && is(1, "share") {
                    1
                } else if is(0, "no") && is(1, "key") && is(2, "update") {
                    2
                } else {
                    continue;
                };
                return ahead[last].map(|token| (first.start, token.end));
            }
        })
    }
}

/// What a statement is, as far as transactions and routing care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Nothing but spaces and comments.
    Empty,
    /// Changes the catalog: `CREATE`, `ALTER`, `DROP`, `COMMENT`, `GRANT`,
    /// `REVOKE`, `AWS IAM GRANT`, and also `TRUNCATE`, which the service has
    /// not and [`translate`](crate::translate) replaces.
    Ddl,
    /// Changes rows: `INSERT`, `UPDATE`, `DELETE`, `MERGE`, `COPY … FROM`, a
    /// `WITH` that writes, and `EXPLAIN ANALYZE` of any of these.
    Write,
    /// Reads: `SELECT`, `VALUES`, `TABLE`, `SHOW`, `EXPLAIN`, `COPY … TO`, a
    /// `WITH` that only reads. `SELECT … FOR UPDATE` is one too: see
    /// [`Statement::locks_rows`].
    Read,
    /// Begins, ends or shapes a transaction.
    Transaction(Verb),
    /// Changes the session: `SET`, `RESET`, `DISCARD`, `DEALLOCATE`.
    Session,
    /// `CALL`.
    Call,
    /// Anything else: `VACUUM`, `ANALYZE`, `LISTEN`, `LOCK`, `DECLARE`, `DO`,
    /// `PREPARE`, and what PostgreSQL does not know.
    Other,
}

/// What a transaction statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verb {
    /// `BEGIN` or `START TRANSACTION`.
    Begin,
    /// `COMMIT` or `END`.
    Commit,
    /// `ROLLBACK` or `ABORT` of the whole transaction.
    Rollback,
    /// `SAVEPOINT`.
    Savepoint,
    /// `RELEASE [SAVEPOINT]`.
    Release,
    /// `ROLLBACK TO [SAVEPOINT]`.
    RollbackTo,
    /// `PREPARE TRANSACTION`, `COMMIT PREPARED` or `ROLLBACK PREPARED`.
    Prepare,
    /// `SET [LOCAL | SESSION] TRANSACTION`.
    SetTransaction,
}

/// Leading words, one after the other.
#[derive(Clone)]
struct Words<'a> {
    text: &'a str,
    tokens: Lexer<'a>,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            tokens: Lexer::new(text),
        }
    }

    fn kind(mut self) -> Kind {
        let mut first = self.tokens.next();
        let mut bracket = false;
        while let Some(token) = first
            && (token.is_symbol(b'(') || token.is_symbol(b';'))
        {
            bracket |= token.is_symbol(b'(');
            first = self.tokens.next();
        }
        let Some(first) = first else {
            return if bracket { Kind::Other } else { Kind::Empty };
        };
        if first.kind != TokenKind::Word {
            return Kind::Other;
        }
        let mut lower = [0u8; 12];
        match lowered(first.text(self.text), &mut lower) {
            b"select" | b"values" | b"table" | b"show" => Kind::Read,
            b"insert" | b"update" | b"delete" | b"merge" => Kind::Write,
            b"with" => self.with(),
            b"explain" => self.explain(),
            b"copy" => self.copy(),
            b"create" | b"alter" | b"drop" | b"comment" | b"grant" | b"revoke" | b"truncate"
            | b"aws" | b"security" | b"reindex" | b"cluster" | b"refresh" | b"reassign"
            | b"import" => Kind::Ddl,
            b"begin" | b"start" => Kind::Transaction(Verb::Begin),
            b"commit" if self.word_is("prepared") => Kind::Transaction(Verb::Prepare),
            b"commit" | b"end" => Kind::Transaction(Verb::Commit),
            b"rollback" | b"abort" => self.rollback(),
            b"savepoint" => Kind::Transaction(Verb::Savepoint),
            b"release" => Kind::Transaction(Verb::Release),
            b"prepare" if self.word_is("transaction") => Kind::Transaction(Verb::Prepare),
            b"set" => self.set(),
            b"reset" | b"discard" | b"deallocate" => Kind::Session,
            b"call" => Kind::Call,
            _ => Kind::Other,
        }
    }

    /// Takes the next token if it is this word.
    fn word_is(&mut self, word: &str) -> bool {
        let mut ahead = self.tokens.clone();
        let found = ahead
            .next()
            .is_some_and(|token| token.is_word(self.text, word));
        if found {
            self.tokens = ahead;
        }
        found
    }

    fn rollback(mut self) -> Kind {
        if self.word_is("prepared") {
            return Kind::Transaction(Verb::Prepare);
        }
        let _ = self.word_is("work") || self.word_is("transaction");
        Kind::Transaction(if self.word_is("to") {
            Verb::RollbackTo
        } else {
            Verb::Rollback
        })
    }

    fn set(mut self) -> Kind {
        let _ = self.word_is("local") || self.word_is("session");
        if self.word_is("transaction") {
            Kind::Transaction(Verb::SetTransaction)
        } else {
            Kind::Session
        }
    }

    fn explain(mut self) -> Kind {
        let mut analyze = false;
        let mut ahead = self.tokens.clone();
        if ahead.next().is_some_and(|token| token.is_symbol(b'(')) && !self.starts_query(&ahead) {
            analyze = self.explain_options(&mut ahead);
            self.tokens = ahead;
        } else {
            loop {
                if self.word_is("analyze") || self.word_is("analyse") {
                    analyze = true;
                } else if !self.word_is("verbose") {
                    break;
                }
            }
        }
        if !analyze {
            return Kind::Read;
        }
        let inner = Words {
            text: self.text,
            tokens: Lexer::starting_at(self.text, self.position()),
        };
        if inner.clone().word_is("explain") {
            return Kind::Other;
        }
        match inner.kind() {
            Kind::Empty => Kind::Read,
            kind => kind,
        }
    }

    /// Reads `(ANALYZE, VERBOSE false …)` up to its closing bracket.
    fn explain_options(&self, tokens: &mut Lexer<'a>) -> bool {
        let mut analyze = false;
        let mut naming = false;
        let mut name_next = true;
        for token in tokens.by_ref() {
            if token.is_symbol(b')') {
                break;
            }
            if token.is_symbol(b',') {
                name_next = true;
            } else if name_next {
                naming = token.is_word(self.text, "analyze") || token.is_word(self.text, "analyse");
                analyze |= naming;
                name_next = false;
            } else if naming {
                let value = token.text(self.text).trim_matches('\'');
                analyze = !["false", "off", "0"]
                    .iter()
                    .any(|no| value.eq_ignore_ascii_case(no));
            }
        }
        analyze
    }

    /// Does a bracketed query, not a list of options, follow?
    fn starts_query(&self, tokens: &Lexer<'a>) -> bool {
        tokens
            .clone()
            .find(|token| !token.is_symbol(b'('))
            .is_some_and(|token| {
                ["select", "with", "values", "table"]
                    .iter()
                    .any(|word| token.is_word(self.text, word))
            })
    }

    fn position(&self) -> usize {
        let mut ahead = self.tokens.clone();
        ahead.next().map_or(self.text.len(), |token| token.start)
    }

    fn copy(self) -> Kind {
        let mut depth = 0usize;
        let mut previous: Option<Token> = None;
        for token in self.tokens.clone() {
            match token.kind {
                TokenKind::Symbol(b'(') => depth += 1,
                TokenKind::Symbol(b')') => depth = depth.saturating_sub(1),
                TokenKind::Word if depth == 0 && token.is_word(self.text, "from") => {
                    return Kind::Write;
                }
                TokenKind::Word if depth == 0 && token.is_word(self.text, "to") => {
                    return Kind::Read;
                }
                TokenKind::Word
                    if previous.is_some_and(|token| token.is_symbol(b'('))
                        && ["insert", "update", "delete", "merge"]
                            .iter()
                            .any(|word| token.is_word(self.text, word)) =>
                {
                    return Kind::Write;
                }
                _ => {}
            }
            previous = Some(token);
        }
        Kind::Other
    }

    /// A `WITH` writes when its main statement does or when one of its parts
    /// is a data-modifying statement. The verbs are ordinary words elsewhere,
    /// so they count only where a statement can begin.
    fn with(self) -> Kind {
        let mut depth = 0usize;
        let mut main_reads = false;
        let mut previous: Option<Token> = None;
        let mut tokens = self.tokens.clone();
        while let Some(token) = tokens.next() {
            match token.kind {
                TokenKind::Symbol(b'(') => depth += 1,
                TokenKind::Symbol(b')') => depth = depth.saturating_sub(1),
                TokenKind::Word => {
                    let after_bracket = previous
                        .is_some_and(|token| token.is_symbol(b'(') || token.is_symbol(b')'));
                    let may_begin = if depth == 0 {
                        !main_reads
                    } else {
                        after_bracket
                    };
                    if may_begin && self.begins_write(token, &tokens) {
                        return Kind::Write;
                    }
                    if depth == 0
                        && ["select", "values", "table"]
                            .iter()
                            .any(|word| token.is_word(self.text, word))
                    {
                        main_reads = true;
                    }
                }
                _ => {}
            }
            previous = Some(token);
        }
        Kind::Read
    }

    fn begins_write(&self, token: Token, rest: &Lexer<'a>) -> bool {
        let mut lower = [0u8; 12];
        let follows = |word: &str| {
            rest.clone()
                .next()
                .is_some_and(|token| token.is_word(self.text, word))
        };
        match lowered(token.text(self.text), &mut lower) {
            b"insert" | b"merge" => follows("into"),
            b"delete" => follows("from"),
            b"update" => {
                rest.clone().next().is_some_and(|token| token.is_name()) && !follows("from")
            }
            _ => false,
        }
    }
}

/// ASCII lower case of a short word; an empty slice for a longer one.
fn lowered<'b>(word: &str, buffer: &'b mut [u8; 12]) -> &'b [u8] {
    let Some(slot) = buffer.get_mut(..word.len()) else {
        return b"";
    };
    slot.copy_from_slice(word.as_bytes());
    slot.make_ascii_lowercase();
    slot
}

fn without_semicolon(text: &str) -> &str {
    let Some(rest) = text.trim_end().strip_suffix(';') else {
        return text;
    };
    // A semicolon after `--` on its line may belong to the comment.
    let line = rest.rsplit(['\n', '\r']).next().unwrap_or(rest);
    if line.contains("--") { text } else { rest }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        Statement::new(text).kind()
    }

    #[test]
    fn the_leading_keyword_decides() {
        for (text, expected) in [
            ("", Kind::Empty),
            ("  -- nothing\n /* at /* all */ */ ;", Kind::Empty),
            ("select 1", Kind::Read),
            ("/* x */ (SELECT 1) UNION (SELECT 2)", Kind::Read),
            ("VALUES (1)", Kind::Read),
            ("insert into t values (1)", Kind::Write),
            (
                "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE",
                Kind::Write,
            ),
            ("create table t ()", Kind::Ddl),
            ("AWS IAM GRANT r TO 'arn'", Kind::Ddl),
            ("truncate t", Kind::Ddl),
            ("call sys.wait_for_job('x')", Kind::Call),
            ("vacuum", Kind::Other),
            ("prepare p as select 1", Kind::Other),
            ("deallocate all", Kind::Session),
            ("set search_path = a", Kind::Session),
            ("\"select\"", Kind::Other),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn transaction_statements_are_told_apart() {
        for (text, verb) in [
            ("BEGIN ISOLATION LEVEL REPEATABLE READ", Verb::Begin),
            ("start transaction", Verb::Begin),
            ("END", Verb::Commit),
            ("commit and no chain", Verb::Commit),
            ("abort", Verb::Rollback),
            ("rollback work", Verb::Rollback),
            ("rollback transaction to savepoint a", Verb::RollbackTo),
            ("ROLLBACK TO a", Verb::RollbackTo),
            ("savepoint a", Verb::Savepoint),
            ("release a", Verb::Release),
            ("prepare transaction 'x'", Verb::Prepare),
            ("commit prepared 'x'", Verb::Prepare),
            ("set local transaction read only", Verb::SetTransaction),
            (
                "set transaction isolation level serializable",
                Verb::SetTransaction,
            ),
        ] {
            assert_eq!(kind(text), Kind::Transaction(verb), "{text}");
        }
    }

    #[test]
    fn a_with_that_writes_is_a_write() {
        for text in [
            "with a as (select 1) insert into t select * from a",
            "with a as (delete from t returning *) select * from a",
            "with a as not materialized (update t set b = 1 returning b) select * from a",
            "with recursive a(n) as (select 1) search depth first by n set o delete from t",
            "explain analyze with a as (select 1) update t set b = 2",
        ] {
            assert_eq!(kind(text), Kind::Write, "{text}");
        }
    }

    #[test]
    fn a_with_that_names_columns_like_verbs_is_a_read() {
        for text in [
            "with a as (select update, delete from t) select insert from a for update",
            "with a as (select 1) select delete from a",
            "with a as (select (update) from t) select 1",
            "with a as (select 'insert into t') select 1",
        ] {
            assert_eq!(kind(text), Kind::Read, "{text}");
        }
    }

    #[test]
    fn explain_writes_only_when_it_analyzes_a_write() {
        assert_eq!(kind("explain delete from t"), Kind::Read);
        assert_eq!(kind("explain analyze verbose delete from t"), Kind::Write);
        assert_eq!(
            kind("explain (verbose, analyze) delete from t"),
            Kind::Write
        );
        assert_eq!(kind("explain (analyze off) delete from t"), Kind::Read);
        assert_eq!(kind("explain (analyze) select 1"), Kind::Read);
        assert_eq!(kind("explain (select 1)"), Kind::Read);
    }

    #[test]
    fn copy_writes_or_reads_by_its_direction() {
        assert_eq!(kind("copy t (a, b) from stdin"), Kind::Write);
        assert_eq!(kind("copy (select a from t) to stdout"), Kind::Read);
        assert_eq!(
            kind("copy (delete from t returning a) to stdout"),
            Kind::Write
        );
    }

    #[test]
    fn a_select_that_locks_rows_says_so() {
        for text in [
            "select 1 from t for update",
            "SELECT 1 FROM t FOR NO KEY UPDATE NOWAIT",
        ] {
            assert!(Statement::new(text).locks_rows(), "{text}");
        }
        assert!(!Statement::new("select substring(a for 2) from t").locks_rows());
        assert!(!Statement::new("select 'for update'").locks_rows());
    }

    #[test]
    fn a_single_statement_loses_its_semicolon() {
        assert_eq!(Statement::new("select 1 ; \n").text(), "select 1 ");
        assert_eq!(Statement::new("select 1 -- a;").text(), "select 1 -- a;");
    }

    #[test]
    fn a_lock_of_what_reads_as_another_lock_is_no_panic() {
        let read = Statement::new("SELECT 1 FOR UPDATE OF FOR UPDATE OF p");
        assert_eq!(
            read.without_locks().as_deref(),
            Some("SELECT 1  UPDATE OF p")
        );
    }
}
