//! Array columns.

use std::collections::HashMap;

use super::column::{Column, array_element, canonical, columns, is_builtin, type_name};
use super::prelude::*;

pub(crate) const ID: &str = "array_column";

pub(super) static RULE: Rule = Rule {
    id: ID,
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
            .filter(|kind| kind.kind() == K::ARRAY_TYPE || is_named(subject, kind))
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

/// Is it an array by the name of its type, such as `_int4`?
fn is_named(subject: &Subject<'_>, kind: &SyntaxNode) -> bool {
    is_builtin(subject, kind)
        && type_name(subject, kind).is_some_and(|name| array_element(&name).is_some())
}

/// jsonb holds the same list, but is read and written differently.
fn fix(subject: &Subject<'_>, column: &Column, element: &str, start: usize, end: usize) -> Fix {
    if let Some(what) = reader(subject, column) {
        return Fix::Refuse(format!(
            "a column cannot be of type {element}[], and {what} reads it as an array: make it \
             jsonb, and write the expression for jsonb, as with jsonb_array_length()"
        ));
    }
    let mut edits = vec![Edit::replace(start, end, "jsonb")];
    let mut note = format!(
        "{element}[] becomes jsonb: the application reads and writes a JSON list, the operators \
         and functions of arrays do not apply, and neither an index nor a key can hold it"
    );
    if let Some(value) = column.default_value() {
        let Some(list) = default(subject, &value, element) else {
            return Fix::Refuse(format!(
                "a column cannot be of type {element}[], and its default is no list of plain \
                 values: make it jsonb and write its default as a JSON list"
            ));
        };
        let (from, to) = tree::span(&value);
        let mut text = if list == "null" {
            "NULL".to_owned()
        } else {
            format!("'{}'", list.replace('\'', "''"))
        };
        if list != "null" && list != "[]" {
            note.push_str(&format!("; its default becomes {text}"));
        }
        for comment in comments(subject, from, to) {
            text.push_str(&format!(" {comment}"));
            if comment.contains("--") {
                text.push('\n');
            }
        }
        edits.push(Edit::replace(from, to, text));
    }
    Fix::Edits(edits, note)
}

/// What computes with the column: a CHECK or a generated column of its table.
pub(super) fn reader(subject: &Subject<'_>, column: &Column) -> Option<&'static str> {
    let readers = subject.readers.get_or_init(|| readers(subject));
    let name = subject.folded(&column.name);
    readers.get(&(table_of(&column.node)?, name)).copied()
}

/// What computes with columns, by table and name.
fn readers(subject: &Subject<'_>) -> HashMap<(usize, String), &'static str> {
    let mut readers = HashMap::new();
    let Some(tree) = subject.tree() else {
        return readers;
    };
    for node in tree::descendants(tree, &[K::CHECK_CONSTRAINT, K::GENERATED_CONSTRAINT]) {
        let Some(table) = table_of(&node) else {
            continue;
        };
        let what = match node.kind() {
            K::CHECK_CONSTRAINT => "a CHECK",
            _ => "a generated column",
        };
        for read in tree::descendants(&node, &[K::NAME_REF]) {
            readers
                .entry((table, subject.folded(&read)))
                .or_insert(what);
        }
    }
    readers
}

/// Where the table's list of columns begins, or its ALTER TABLE.
fn table_of(node: &SyntaxNode) -> Option<usize> {
    node.ancestors()
        .find(|node| matches!(node.kind(), K::TABLE_ARG_LIST | K::ALTER_TABLE))
        .map(|node| tree::start(&node))
}

/// Comments between the tokens of a stretch.
fn comments<'a>(subject: &Subject<'a>, start: usize, end: usize) -> Vec<&'a str> {
    let first = subject.tokens.partition_point(|token| token.start < start);
    let last = subject.tokens.partition_point(|token| token.end <= end);
    subject.tokens[first..last.max(first)]
        .windows(2)
        .map(|pair| subject.text[pair[0].end..pair[1].start].trim())
        .filter(|gap| !gap.is_empty())
        .collect()
}

/// A default as JSON; `None` unless it is a list of plain values.
fn default(subject: &Subject<'_>, value: &SyntaxNode, element: &str) -> Option<String> {
    match value.kind() {
        K::LITERAL => {
            let written = subject.written(value);
            if written.eq_ignore_ascii_case("null") {
                return Some("null".to_owned());
            }
            let text = super::literal(written)?;
            let mut rest = text.trim();
            let list = braces(&mut rest, element, 0)?;
            rest.is_empty().then_some(list)
        }
        K::CAST_EXPR if same_type(subject, value, element) => {
            default(subject, &value.children().next()?, element)
        }
        K::PAREN_EXPR => default(subject, &value.children().next()?, element),
        K::ARRAY_EXPR => list(subject, value, element),
        _ => None,
    }
}

/// Does this cast leave the elements as they are?
fn same_type(subject: &Subject<'_>, cast: &SyntaxNode, element: &str) -> bool {
    cast.children()
        .last()
        .is_some_and(|kind| canonical(subject, &kind) == element)
}

/// `ARRAY[…]` as JSON.
fn list(subject: &Subject<'_>, array: &SyntaxNode, element: &str) -> Option<String> {
    let bracket = tree::token(array, K::L_BRACK)?;
    let (open, _) = tree::token_span(&bracket);
    let items: Option<Vec<String>> = array
        .children()
        .map(|item| {
            // ARRAY(SELECT …) has no bracket of its own.
            (tree::start(&item) > open).then_some(())?;
            match item.kind() {
                K::ARRAY_EXPR => list(subject, &item, element),
                _ => constant(subject, &item, element),
            }
        })
        .collect();
    Some(format!("[{}]", items?.join(", ")))
}

fn constant(subject: &Subject<'_>, value: &SyntaxNode, element: &str) -> Option<String> {
    match value.kind() {
        K::LITERAL => {
            let written = subject.written(value);
            if written.eq_ignore_ascii_case("null") {
                return Some("null".to_owned());
            }
            match super::literal(written) {
                Some(text) => json(&text, element),
                None => json(written, element).filter(|json| !json.starts_with('"')),
            }
        }
        K::PREFIX_EXPR => {
            json(subject.written(value), element).filter(|json| !json.starts_with('"'))
        }
        K::CAST_EXPR if same_type(subject, value, element) => {
            constant(subject, &value.children().next()?, element)
        }
        _ => None,
    }
}

/// `{…}` as PostgreSQL reads an array, as JSON. Takes what it reads off
/// `rest`.
fn braces(rest: &mut &str, element: &str, depth: usize) -> Option<String> {
    // PostgreSQL's own limit on dimensions.
    const DIMENSIONS: usize = 6;
    if depth >= DIMENSIONS {
        return None;
    }
    *rest = rest.strip_prefix('{')?.trim_start();
    let mut items = Vec::new();
    if let Some(after) = rest.strip_prefix('}') {
        *rest = after.trim_start();
        return Some("[]".to_owned());
    }
    loop {
        *rest = rest.trim_start();
        items.push(match rest.chars().next()? {
            '{' => braces(rest, element, depth + 1)?,
            '"' => {
                let (text, after) = quoted_item(rest)?;
                *rest = after;
                json(&text, element)?
            }
            _ => {
                let end = rest.find([',', '}'])?;
                let text = rest[..end].trim_end();
                if text.is_empty() || text.contains(['{', '"', '\\']) {
                    return None;
                }
                *rest = &rest[end..];
                if text.eq_ignore_ascii_case("null") {
                    "null".to_owned()
                } else {
                    json(text, element)?
                }
            }
        });
        *rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(',') {
            *rest = after;
            continue;
        }
        *rest = rest.strip_prefix('}')?.trim_start();
        return Some(format!("[{}]", items.join(", ")));
    }
}

/// An element in double quotes, and what follows it.
fn quoted_item(source: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut characters = source.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((text, &source[at + 1..])),
            '\\' => text.push(characters.next()?.1),
            _ => text.push(c),
        }
    }
    None
}

/// One element as JSON. Only of these types is it certain what the value
/// reads like.
fn json(text: &str, element: &str) -> Option<String> {
    match element {
        "smallint" | "integer" | "bigint" => {
            let number: i64 = text.trim().parse().ok()?;
            Some(number.to_string())
        }
        "numeric" | "real" | "double precision" => {
            let text = text.trim();
            let digits = text.strip_prefix('-').unwrap_or(text);
            let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
            let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            let is_number =
                plain(whole) && plain(fraction) && (whole == "0" || !whole.starts_with('0'));
            is_number.then(|| text.to_owned())
        }
        "boolean" => match text.trim().to_ascii_lowercase().as_str() {
            "t" | "true" => Some("true".to_owned()),
            "f" | "false" => Some("false".to_owned()),
            _ => None,
        },
        "text" | "character varying" | "uuid" => {
            let mut quoted = String::from("\"");
            for c in text.chars() {
                match c {
                    '"' | '\\' => quoted.extend(['\\', c]),
                    c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
                    c => quoted.push(c),
                }
            }
            quoted.push('"');
            Some(quoted)
        }
        _ => None,
    }
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
    fn refused_by_the_name_of_its_type() {
        assert_snapshot!(checked("CREATE TABLE pet (scores pg_catalog._int4, other s._int4)"), @"0A000 datatype integer[] not supported");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE pet (id int, tags text[] NOT NULL DEFAULT '{}'::text[])"), @"
        -- note: text[] becomes jsonb: the application reads and writes a JSON list, the operators and functions of arrays do not apply, and neither an index nor a key can hold it [array_column]

        CREATE TABLE pet (id int, tags jsonb NOT NULL DEFAULT '[]');
        ");
    }

    #[test]
    fn fixed_with_its_default() {
        assert_snapshot!(planned("CREATE TABLE pet (a text[] DEFAULT '{cat, \"it''s \\\"so\\\"\", NULL}', b int[][] DEFAULT ARRAY[ARRAY[1, -2], ARRAY[3, 4]], c varchar(9)[] DEFAULT ARRAY['x'::varchar]::varchar[], d bool[] DEFAULT '{{t},{f}}' /* both */, e numeric[] DEFAULT (ARRAY[0.5, 2]), f uuid[] DEFAULT NULL)"), @r#"
        -- note: text[] becomes jsonb: the application reads and writes a JSON list, the operators and functions of arrays do not apply, and neither an index nor a key can hold it; its default becomes '["cat", "it''s \"so\"", null]' [array_column]
        -- note: integer[] becomes jsonb: the application reads and writes a JSON list, the operators and functions of arrays do not apply, and neither an index nor a key can hold it; its default becomes '[[1, -2], [3, 4]]' [array_column]
        -- note: character varying[] becomes jsonb: the application reads and writes a JSON list, the operators and functions of arrays do not apply, and neither an index nor a key can hold it; its default becomes '["x"]' [array_column]
        -- note: boolean[] becomes jsonb: the application reads and writes a JSON list, the operators and functions of arrays do not apply, and neither an index nor a key can hold it; its default becomes '[[true], [false]]' [array_column]
        -- note: numeric[] becomes jsonb: the application reads and writes a JSON list, the operators and functions of arrays do not apply, and neither an index nor a key can hold it; its default becomes '[0.5, 2]' [array_column]
        -- note: uuid[] becomes jsonb: the application reads and writes a JSON list, the operators and functions of arrays do not apply, and neither an index nor a key can hold it [array_column]

        CREATE TABLE pet (a jsonb DEFAULT '["cat", "it''s \"so\"", null]', b jsonb DEFAULT '[[1, -2], [3, 4]]', c jsonb DEFAULT '["x"]', d jsonb DEFAULT '[[true], [false]]' /* both */, e jsonb DEFAULT '[0.5, 2]', f jsonb DEFAULT NULL);
        "#);
    }

    #[test]
    fn fixed_added() {
        assert_snapshot!(planned("ALTER TABLE pet ADD COLUMN tags text[] NOT NULL DEFAULT ARRAY[]::text[]"), @"
        -- note: text[] becomes jsonb: the application reads and writes a JSON list, the operators and functions of arrays do not apply, and neither an index nor a key can hold it [array_column]
        -- note: the column is added bare; then it gets its default, and batches fill the rows that are there; NOT NULL becomes the constraint pet_tags_not_null [add_column]

        ALTER TABLE pet ADD COLUMN tags jsonb;

        ALTER TABLE pet ALTER COLUMN tags SET DEFAULT '[]';

        -- page by page, 1000 rows a transaction (key = the primary key of pet):
        UPDATE pet AS dsql_row SET tags = '[]' WHERE dsql_row.key > '…' AND dsql_row.key <= '…' AND dsql_row.tags IS NULL;

        ALTER TABLE pet ADD CONSTRAINT pet_tags_not_null CHECK (tags IS NOT NULL) NOT VALID;

        ALTER TABLE ASYNC pet VALIDATE CONSTRAINT pet_tags_not_null;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }

    #[test]
    fn fixed_unless_its_default_is_computed() {
        assert_snapshot!(planned("CREATE TABLE pet (tags text[] DEFAULT string_to_array('a b', ' '))"), @"-- error: a column cannot be of type text[], and its default is no list of plain values: make it jsonb and write its default as a JSON list [array_column]; the service answers 0A000: datatype text[] not supported");
    }

    #[test]
    fn fixed_unless_its_default_may_read_otherwise_as_json() {
        assert_snapshot!(planned("CREATE TABLE pet (a timestamptz[] DEFAULT '{now}', b mood[] DEFAULT '{sad}', c int[] DEFAULT '[0:1]={1,2}', d text[] DEFAULT E'{a}')"), @"
        -- error: a column cannot be of type timestamp with time zone[], and its default is no list of plain values: make it jsonb and write its default as a JSON list [array_column]; the service answers 0A000: datatype timestamp with time zone[] not supported
        -- error: a column cannot be of type mood[], and its default is no list of plain values: make it jsonb and write its default as a JSON list [array_column]; the service answers 0A000: datatype mood[] not supported
        -- error: a column cannot be of type integer[], and its default is no list of plain values: make it jsonb and write its default as a JSON list [array_column]; the service answers 0A000: datatype integer[] not supported
        -- error: a column cannot be of type text[], and its default is no list of plain values: make it jsonb and write its default as a JSON list [array_column]; the service answers 0A000: datatype text[] not supported
        ");
    }

    #[test]
    fn fixed_unless_something_computes_with_it() {
        assert_snapshot!(planned("CREATE TABLE pet (tags text[] CHECK (array_length(tags, 1) > 0), n int[], first int GENERATED ALWAYS AS (n[1]) STORED)"), @"
        -- error: a column cannot be of type text[], and a CHECK reads it as an array: make it jsonb, and write the expression for jsonb, as with jsonb_array_length() [array_column]; the service answers 0A000: datatype text[] not supported
        -- error: a column cannot be of type integer[], and a generated column reads it as an array: make it jsonb, and write the expression for jsonb, as with jsonb_array_length() [array_column]; the service answers 0A000: datatype integer[] not supported
        ");
    }

    #[test]
    fn fixed_unless_it_is_a_key() {
        assert_snapshot!(planned("CREATE TABLE pet (tags text[] UNIQUE)"), @"
        -- error: a key cannot hold jsonb: use text, uuid or a number, or a generated column [key_type]; the service answers 0A000: datatype jsonb is not supported in a key
        -- note: text[] becomes jsonb: the application reads and writes a JSON list, the operators and functions of arrays do not apply, and neither an index nor a key can hold it [array_column]
        ");
    }
}
