//! Array columns.

use super::column::{Column, canonical, columns};
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "array_column",
    summary: "Arrays are for queries; a column cannot be one",
    since: GA,
    page: page::TYPES,
    forms: Form::TABLES,
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    for column in columns(subject) {
        let Some(kind) = column
            .kind
            .as_ref()
            .filter(|kind| kind.kind() == K::ARRAY_TYPE)
        else {
            continue;
        };
        let element = canonical(subject, kind);
        let (start, end) = tree::span(kind);
        findings.push(Finding {
            rule: RULE.id,
            at: start,
            refusal: Some(Refusal::unsupported(
                RULE.id,
                format!("datatype {element}[] not supported"),
            )),
            fix: fix(subject, column, &element, start, end),
        });
    }
}

/// jsonb holds the same list, but is read and written differently.
fn fix(subject: &Subject<'_>, column: &Column, element: &str, start: usize, end: usize) -> Fix {
    let mut edits = vec![Edit::replace(start, end, "jsonb")];
    if let Some(value) = column.default_value() {
        let (from, to) = tree::span(&value);
        let written: String = subject.text[from..to]
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        let written = written.to_ascii_lowercase();
        match written.split("::").next().unwrap_or_default() {
            "'{}'" | "array[]" => edits.push(Edit::replace(from, to, "'[]'")),
            "null" => edits.push(Edit::replace(from, to, "NULL")),
            _ => {
                return Fix::Refuse(format!(
                    "a column cannot be of type {element}[]: make it jsonb and write its default \
                     as a JSON list"
                ));
            }
        }
    }
    Fix::Edits(
        edits,
        format!(
            "{element}[] becomes jsonb: the application reads and writes a JSON list, and neither \
             an index nor a key can hold it"
        ),
    )
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE pet (tags jsonb DEFAULT '[]')"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TABLE pet (id int, scores int4[])"), @"0A000 datatype integer[] not supported");
    }

    #[test]
    fn refused_added() {
        assert_snapshot!(checked("ALTER TABLE pet ADD COLUMN tags TEXT ARRAY[3]"), @"0A000 datatype text[] not supported");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE pet (id int, tags text[] NOT NULL DEFAULT '{}'::text[])"), @"
        -- note: text[] becomes jsonb: the application reads and writes a JSON list, and neither an index nor a key can hold it [array_column]

        CREATE TABLE pet (id int, tags jsonb NOT NULL DEFAULT '[]');
        ");
    }

    #[test]
    fn fixed_unless_its_default_is_not_empty() {
        assert_snapshot!(planned("CREATE TABLE pet (tags text[] DEFAULT '{a}')"), @"-- error: a column cannot be of type text[]: make it jsonb and write its default as a JSON list [array_column]; the service answers 0A000: datatype text[] not supported");
    }
}
