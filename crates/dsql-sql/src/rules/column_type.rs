//! Column types.

use super::array_column::reader;
use super::column::{Column, columns, is_builtin, type_name};
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "column_type",
    summary: "Some of PostgreSQL's types cannot be a column's",
    since: GA,
    page: page::TYPES,
    forms: Form::TABLES,
    matches: Match::Places(find),
};

/// What to use instead.
const TYPES: &[(&str, &str)] = &[
    ("bit", "use boolean, or bytea"),
    ("bit varying", "use bytea"),
    ("box", "keep the numbers in columns of their own"),
    (
        "cidr",
        "use text; cast to inet where a query computes with it",
    ),
    ("circle", "keep the numbers in columns of their own"),
    (
        "inet",
        "use text; cast to inet where a query computes with it",
    ),
    ("int4range", "keep the two bounds in columns of their own"),
    ("line", "keep the numbers in columns of their own"),
    ("lseg", "keep the numbers in columns of their own"),
    ("macaddr", "use text"),
    ("money", "use numeric"),
    ("path", "keep the numbers in columns of their own"),
    ("pg_lsn", "use text or bigint"),
    ("point", "keep the numbers in columns of their own"),
    ("polygon", "keep the numbers in columns of their own"),
    (
        "tsquery",
        "use text; to_tsquery('simple', …) works in queries",
    ),
    ("tsrange", "keep the two bounds in columns of their own"),
    (
        "tsvector",
        "use text; to_tsvector('simple', …) works in queries",
    ),
    ("xml", "use text"),
];

/// Not among the documented types; how the service words it is not recorded.
const UNRECORDED: &[(&str, &str)] = &[
    ("datemultirange", "keep the bounds in a table of their own"),
    ("daterange", "keep the two bounds in columns of their own"),
    ("int4multirange", "keep the bounds in a table of their own"),
    ("int8multirange", "keep the bounds in a table of their own"),
    ("int8range", "keep the two bounds in columns of their own"),
    ("jsonpath", "use text"),
    ("macaddr8", "use text"),
    ("nummultirange", "keep the bounds in a table of their own"),
    ("numrange", "keep the two bounds in columns of their own"),
    ("oid", "use bigint"),
    ("tsmultirange", "keep the bounds in a table of their own"),
    ("tstzmultirange", "keep the bounds in a table of their own"),
    ("tstzrange", "keep the two bounds in columns of their own"),
];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    for column in columns(subject) {
        let Some(kind) = column
            .kind
            .as_ref()
            .filter(|kind| is_builtin(subject, kind))
        else {
            continue;
        };
        let name = match kind.kind() {
            K::BIT_TYPE => "bit".to_owned(),
            K::BIT_VARYING_TYPE => "bit varying".to_owned(),
            _ => match type_name(subject, kind) {
                Some(name) if name == "varbit" => "bit varying".to_owned(),
                Some(name) => name,
                None => continue,
            },
        };
        let (recorded, advice) = match find_in(TYPES, &name) {
            Some(advice) => (true, advice),
            None => match find_in(UNRECORDED, &name) {
                Some(advice) => (false, advice),
                None => continue,
            },
        };
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(kind),
            refusal: recorded
                .then(|| Refusal::unsupported(RULE.id, format!("datatype {name} not supported"))),
            fix: as_text(subject, column, kind, &name).unwrap_or_else(|| {
                Fix::Refuse(format!("a column cannot be of type {name}: {advice}"))
            }),
        });
    }
}

/// Text holds the same value, and a query may cast it. Not where the table
/// computes with it, and not where a function of the same name would do
/// something else with text, as `lower` of a range.
fn as_text(subject: &Subject<'_>, column: &Column, kind: &SyntaxNode, name: &str) -> Option<Fix> {
    const CAST_IN_QUERIES: &[&str] = &["cidr", "inet", "macaddr", "macaddr8", "xml"];
    let (start, end) = tree::span(kind);
    if name == "money" && column.default_value().is_none() && reader(subject, column).is_none() {
        return Some(Fix::Edits(
            vec![Edit::replace(start, end, "numeric(19, 2)")],
            "money becomes numeric(19, 2): values are read and written as plain numbers, without a \
             currency sign"
                .to_owned(),
        ));
    }
    if !CAST_IN_QUERIES.contains(&name) || reader(subject, column).is_some() {
        return None;
    }
    Some(Fix::Edits(
        vec![Edit::replace(start, end, "text")],
        format!(
            "{name} becomes text, which takes any value and compares as text: cast to {name} where \
             a query computes with it"
        ),
    ))
}

fn find_in(types: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    types
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, advice)| *advice)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE pet (a numeric(20, 2), b jsonb, c timestamptz, d mood, e \"char\")"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TABLE pet (a int, price money)"), @"0A000 datatype money not supported");
    }

    #[test]
    fn refused_added() {
        assert_snapshot!(checked("ALTER TABLE pet ADD COLUMN price pg_catalog.inet"), @"0A000 datatype inet not supported");
    }

    #[test]
    fn refused_bits() {
        assert_snapshot!(checked("CREATE TABLE pet (a bit(3))"), @"0A000 datatype bit not supported");
    }

    #[test]
    fn refused_varying_bits() {
        assert_snapshot!(checked("CREATE TABLE pet (a varbit(3))"), @"0A000 datatype bit varying not supported");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE pet (a int, price money, seen tstzrange)"), @"-- error: a column cannot be of type tstzrange: keep the two bounds in columns of their own [column_type]");
    }
}
