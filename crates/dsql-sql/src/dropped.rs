//! The columns that an ALTER TABLE drops.

use crate::Statement;
use crate::job::end_of_name;
use crate::lex::{Lexer, Token};
use crate::rules::name::folded;

/// Columns that a statement drops, and the table they are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedColumns {
    /// The table as it is written, with its schema and its quotes.
    pub table: String,
    /// The names of the columns, folded as PostgreSQL folds them.
    pub columns: Vec<String>,
}

/// Reads `ALTER TABLE … DROP [COLUMN] …`; `None` where no column is dropped.
///
/// ```
/// use dsql_sql::{Statement, dropped_columns};
///
/// let statement = Statement::new("ALTER TABLE pet DROP Tag, ALTER name DROP DEFAULT, DROP COLUMN \"Age\" CASCADE");
/// assert_eq!(dropped_columns(&statement).unwrap().columns, ["tag", "Age"]);
/// ```
pub fn dropped_columns(statement: &Statement<'_>) -> Option<DroppedColumns> {
    let text = statement.text();
    let mut start = Lexer::new(text);
    if !(start.next()?.is_word(text, "alter") && start.next()?.is_word(text, "table")) {
        return None;
    }
    let tokens: Vec<Token> = start.collect();
    let is = |at: usize, word: &str| {
        tokens
            .get(at)
            .is_some_and(|token| token.is_word(text, word))
    };
    let mut at = 2 * usize::from(is(0, "if"));
    at += usize::from(is(at, "only"));
    let name = *tokens.get(at)?;
    let end = end_of_name(text, name);
    at += (tokens[at..].iter())
        .take_while(|token| token.start < end)
        .count();

    let mut columns = Vec::new();
    let mut depth = 0;
    let mut begins = true;
    while let Some(token) = tokens.get(at) {
        if begins && is(at, "drop") && !is(at + 1, "constraint") {
            let mut column = at + 1;
            column += usize::from(is(column, "column"));
            if is(column, "if") && is(column + 1, "exists") {
                column += 2;
            }
            if let Some(column) = tokens.get(column).filter(|token| token.is_name()) {
                columns.push(folded(column.text(text)));
            }
        }
        if token.is_symbol(b'(') {
            depth += 1;
        } else if token.is_symbol(b')') {
            depth -= 1;
        }
        begins = depth == 0 && token.is_symbol(b',');
        at += 1;
    }
    let table = text[name.start..end].to_owned();
    (!columns.is_empty()).then_some(DroppedColumns { table, columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sql: &str) -> Option<(String, Vec<String>)> {
        dropped_columns(&Statement::new(sql)).map(|dropped| (dropped.table, dropped.columns))
    }

    #[test]
    fn columns_are_found_in_every_action() {
        assert_eq!(
            read(
                "alter table if exists only s.\"T\" add a numeric(3, 1), drop column if exists B restrict, DROP c"
            ),
            Some(("s.\"T\"".to_owned(), vec!["b".to_owned(), "c".to_owned()]))
        );
        assert_eq!(
            read("ALTER TABLE t DROP \"column\""),
            Some(("t".to_owned(), vec!["column".to_owned()]))
        );
    }

    #[test]
    fn what_drops_something_else_is_none() {
        for sql in [
            "ALTER TABLE t DROP CONSTRAINT c",
            "ALTER TABLE t ALTER c DROP DEFAULT",
            "ALTER TABLE t ADD CHECK (a IN (1, drop))",
            "DROP TABLE t",
            "ALTER TABLE",
            "ALTER TABLE t DROP",
        ] {
            assert_eq!(read(sql), None, "{sql}");
        }
    }
}
