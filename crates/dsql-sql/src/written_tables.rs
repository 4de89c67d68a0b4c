//! The tables that a statement changes, and the same statement with them named alone.

use std::ops::Range;

use crate::Scanned;
use crate::rule::Subject;
use crate::rules::folded;

impl<'a> Scanned<'a> {
    /// The tables that the statement inserts into, updates or deletes from, in a `WITH` too, as it names them: with their
    /// schema where it says one. Each once, in the order in which they come.
    ///
    /// ```
    /// use dsql_sql::Statement;
    ///
    /// let sql = "WITH gone AS (DELETE FROM clinic.visit RETURNING id) INSERT INTO log SELECT id FROM gone";
    /// assert_eq!(Statement::new(sql).scan().written_tables(), ["clinic.visit", "log"]);
    /// ```
    pub fn written_tables(&self) -> Vec<&'a str> {
        let subject = self.subject();
        let text = self.statement().text();
        let mut tables = Vec::new();
        for place in subject.places_of(&["delete", "insert", "update"]) {
            if let Some(name) = written_table(&subject, place) {
                let table =
                    &text[subject.tokens[name.start].start..subject.tokens[name.end - 1].end];
                if !tables.contains(&table) {
                    tables.push(table);
                }
            }
        }
        tables
    }

    /// The text with these tables named without their schema, of columns too; none where it names none of them with one.
    /// Schemas and tables are given as the catalog holds them.
    ///
    /// ```
    /// use dsql_sql::Statement;
    ///
    /// let sql = "UPDATE clinic.visit SET fee = 0 WHERE Clinic.visit.id = 1";
    /// let visit = [("clinic".to_owned(), "visit".to_owned())];
    /// let expected = "UPDATE visit SET fee = 0 WHERE visit.id = 1";
    /// assert_eq!(Statement::new(sql).scan().without_schemas(&visit).as_deref(), Some(expected));
    /// ```
    pub fn without_schemas(&self, tables: &[(String, String)]) -> Option<String> {
        let subject = self.subject();
        let tokens = &subject.tokens;
        let text = self.statement().text();
        let mut rest = 0;
        let mut written = String::new();
        for (at, dot) in tokens.iter().enumerate() {
            let is_schema = dot.is_symbol(b'.')
                && at > 0
                && tokens[at - 1].is_name()
                && tokens.get(at + 1).is_some_and(|table| table.is_name())
                && !(at > 1 && tokens[at - 2].is_symbol(b'.'));
            if !is_schema {
                continue;
            }
            let (schema, table) = (
                folded(subject.text_at(at - 1)),
                folded(subject.text_at(at + 1)),
            );
            if tables
                .iter()
                .any(|known| (&known.0, &known.1) == (&schema, &table))
            {
                written.push_str(&text[rest..tokens[at - 1].start]);
                rest = tokens[at + 1].start;
            }
        }
        (rest > 0).then(|| written + &text[rest..])
    }
}

/// The tokens of the name behind the verb at `place`, where that changes a table.
fn written_table(subject: &Subject<'_>, place: usize) -> Option<Range<usize>> {
    let before = |word| place > 0 && subject.word_at(place - 1, word);
    let start = if subject.words_at(place, &["insert", "into"]) {
        place + 2
    } else if subject.words_at(place, &["delete", "from"]) {
        skip_only(subject, place + 2)
    } else if subject.word_at(place, "update")
        && !["do", "for", "key", "on"].into_iter().any(before)
    {
        skip_only(subject, place + 1)
    } else {
        return None;
    };
    let is_name = |at: usize| subject.tokens.get(at).is_some_and(|token| token.is_name());
    let mut end = start + 1;
    while subject.symbol_at(end, b'.') && is_name(end + 1) {
        end += 2;
    }
    is_name(start).then_some(start..end)
}

fn skip_only(subject: &Subject<'_>, at: usize) -> usize {
    at + usize::from(subject.word_at(at, "only"))
}

#[cfg(test)]
mod tests {
    use crate::Statement;

    #[test]
    fn the_tables_that_are_changed_are_found_wherever_they_are_named() {
        for (sql, expected) in [
            (
                "INSERT INTO \"Visit\" (a) VALUES ('update b set c')",
                &["\"Visit\""][..],
            ),
            ("update only visit set a = 1", &["visit"]),
            ("DELETE FROM clinic . visit v", &["clinic . visit"]),
            (
                "INSERT INTO a SELECT * FROM b ON CONFLICT (id) DO UPDATE SET c = 1",
                &["a"],
            ),
            (
                "WITH x AS (UPDATE a.b SET c = 1 RETURNING *), y AS (DELETE FROM a.b) INSERT INTO d SELECT * FROM x",
                &["a.b", "d"],
            ),
            ("SELECT * FROM a FOR NO KEY UPDATE", &[]),
            ("SELECT 1", &[]),
        ] {
            assert_eq!(
                Statement::new(sql).scan().written_tables(),
                expected,
                "{sql}"
            );
        }
    }

    #[test]
    fn schemas_are_taken_from_the_tables_that_are_named_and_from_nothing_else() {
        let tables = [
            ("public".to_owned(), "t".to_owned()),
            ("s".to_owned(), "Big".to_owned()),
        ];
        for (sql, expected) in [
            (
                "INSERT INTO \"s\" . \"Big\" SELECT public.t.a, s.big.b, 'public.t' FROM PUBLIC.t, s.big",
                Some("INSERT INTO \"Big\" SELECT t.a, s.big.b, 'public.t' FROM t, s.big"),
            ),
            ("SELECT a.public.t FROM t, public.u", None),
            (
                "UPDATE public.t SET a = public.f(t.b)",
                Some("UPDATE t SET a = public.f(t.b)"),
            ),
        ] {
            let without = Statement::new(sql).scan().without_schemas(&tables);
            assert_eq!(without.as_deref(), expected, "{sql}");
        }
    }
}
