//! STORAGE in the definition of a column, which PostgreSQL itself has since
//! version 16.

use crate::Statement;
use crate::job::end_of_name;
use crate::lex::{Lexer, Token};

/// A statement as PostgreSQL 15 takes it, and what that leaves to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithoutStorage {
    /// The statement without its STORAGE clauses.
    pub statement: String,
    /// What they come to, in the words of ALTER TABLE. `None` where nothing is
    /// left to say, or where the column may have been there before.
    pub alter: Option<String>,
}

/// Takes STORAGE out of the columns that `CREATE TABLE` and `ALTER TABLE … ADD`
/// define; `None` where there is none.
///
/// ```
/// use dsql_sql::{Statement, without_storage};
///
/// let statement = Statement::new("CREATE TABLE pet (id int, notes text STORAGE EXTERNAL NOT NULL)");
/// let without = without_storage(&statement).unwrap();
/// assert_eq!(without.statement, "CREATE TABLE pet (id int, notes text NOT NULL)");
/// assert_eq!(
///     without.alter.as_deref(),
///     Some("ALTER TABLE pet ALTER COLUMN notes SET STORAGE EXTERNAL")
/// );
/// ```
pub fn without_storage(statement: &Statement<'_>) -> Option<WithoutStorage> {
    let text = statement.text();
    let tokens: Vec<Token> = Lexer::new(text).collect();
    let is = |at: usize, word: &str| {
        tokens
            .get(at)
            .is_some_and(|token| token.is_word(text, word))
    };
    let creates = is(0, "create");
    if !(creates || is(0, "alter")) || !is(1, "table") {
        return None;
    }
    let mut at = 2;
    let mut conditional = creates && is(at, "if");
    if is(at, "if") {
        at += if creates { 3 } else { 2 };
    }
    if is(at, "only") {
        at += 1;
    }
    let name = *tokens.get(at)?;
    let end = end_of_name(text, name);
    at += (tokens[at..].iter())
        .take_while(|token| token.start < end)
        .count();

    let mut kept = String::new();
    let mut copied = 0;
    let mut actions = Vec::new();
    let mut column: Option<Token> = None;
    let defined_at = i32::from(creates);
    let mut depth = 0;
    while let Some(token) = tokens.get(at) {
        let begins = token.is_symbol(b'(') || token.is_symbol(b',');
        if token.is_symbol(b'(') {
            depth += 1;
        } else if token.is_symbol(b')') {
            depth -= 1;
        }
        if depth != defined_at {
            at += 1;
            continue;
        }
        if begins {
            column = (tokens.get(at + 1).copied()).filter(|next| creates && next.is_name());
        } else if !creates && column.is_none() && token.is_word(text, "add") {
            let mut named = at + 1;
            named += usize::from(is(named, "column"));
            if is(named, "if") {
                conditional = true;
                named += 3;
            }
            column = tokens.get(named).copied().filter(Token::is_name);
        } else if let Some(column) = column
            && token.start > column.start
            && token.is_word(text, "storage")
            && let Some(value) = tokens.get(at + 1)
            && let Some(way) = ways().find(|way| value.is_word(text, way))
        {
            let before = text[..token.start].trim_end().len();
            kept.push_str(&text[copied..before]);
            copied = value.end;
            if way != "default" {
                let column = column.text(text);
                let way = way.to_ascii_uppercase();
                actions.push(format!("ALTER COLUMN {column} SET STORAGE {way}"));
            }
        }
        at += 1;
    }
    if copied == 0 {
        return None;
    }
    kept.push_str(&text[copied..]);
    let alters = !conditional && !actions.is_empty();
    let table = &text[name.start..end];
    Some(WithoutStorage {
        statement: kept,
        alter: alters.then(|| format!("ALTER TABLE {table} {}", actions.join(", "))),
    })
}

fn ways() -> impl Iterator<Item = &'static str> {
    ["plain", "external", "extended", "main", "default"].into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sql: &str) -> Option<(String, Option<String>)> {
        let without = without_storage(&Statement::new(sql))?;
        Some((without.statement, without.alter))
    }

    #[test]
    fn every_column_that_is_defined_is_found() {
        let (statement, alter) = read(
            "create table if_ . \"T\" (storage text storage plain, \"B\" numeric(3, 1) STORAGE /* so */ main default (1), c text STORAGE DEFAULT)",
        )
        .unwrap();
        assert_eq!(
            statement,
            "create table if_ . \"T\" (storage text, \"B\" numeric(3, 1) default (1), c text)"
        );
        assert_eq!(
            alter.unwrap(),
            "ALTER TABLE if_ . \"T\" ALTER COLUMN storage SET STORAGE PLAIN, ALTER COLUMN \"B\" SET STORAGE MAIN"
        );
        let (statement, alter) = read(
            "ALTER TABLE ONLY t ADD a text STORAGE EXTERNAL, ALTER b SET STORAGE PLAIN, ADD COLUMN c text STORAGE MAIN",
        )
        .unwrap();
        assert_eq!(
            statement,
            "ALTER TABLE ONLY t ADD a text, ALTER b SET STORAGE PLAIN, ADD COLUMN c text"
        );
        assert_eq!(
            alter.unwrap(),
            "ALTER TABLE t ALTER COLUMN a SET STORAGE EXTERNAL, ALTER COLUMN c SET STORAGE MAIN"
        );
    }

    #[test]
    fn a_column_that_may_be_there_already_is_left_as_it_is() {
        let (statement, alter) =
            read("ALTER TABLE IF EXISTS t ADD COLUMN IF NOT EXISTS a text STORAGE EXTERNAL")
                .unwrap();
        assert_eq!(
            statement,
            "ALTER TABLE IF EXISTS t ADD COLUMN IF NOT EXISTS a text"
        );
        assert_eq!(alter, None);
        assert_eq!(
            read("CREATE TABLE IF NOT EXISTS t (a text STORAGE PLAIN)").unwrap(),
            ("CREATE TABLE IF NOT EXISTS t (a text)".to_owned(), None)
        );
    }

    #[test]
    fn what_only_looks_like_it_is_left_alone() {
        for sql in [
            "CREATE TABLE t (storage main)",
            "CREATE TABLE t (a text DEFAULT 'x STORAGE PLAIN', storage int)",
            "CREATE TABLE t (a text CHECK (storage > 1))",
            "ALTER TABLE t ALTER a SET STORAGE PLAIN",
            "ALTER TABLE t ADD storage main",
            "CREATE INDEX ASYNC storage ON plain (a)",
            "CREATE TABLE",
            "ALTER TABLE t ADD",
            "CREATE TABLE t (a STORAGE",
            "CREATE TABLE t )))) a text storage plain",
        ] {
            assert_eq!(read(sql), None, "{sql}");
        }
    }
}
