//! Identifiers: how PostgreSQL folds them, and the names it gives by default.

/// A name as the catalog holds it: without quotes, or in lower case.
pub(crate) fn folded(written: &str) -> String {
    match written
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(inner) => inner.replace("\"\"", "\""),
        None => written.to_ascii_lowercase(),
    }
}

/// A name as a statement must write it.
pub(super) fn quoted(name: &str) -> String {
    let plain = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !is_reserved(name);
    if plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// The name PostgreSQL gives an object by default, `table_columns_label`, cut
/// to 63 bytes as it does: the longer of the first two parts gives way.
pub(super) fn default_name(table: &str, columns: &str, label: &str) -> String {
    const LIMIT: usize = 63;
    let joined = usize::from(!columns.is_empty());
    let available = LIMIT - 1 - label.len() - joined;
    let (mut first, mut second) = (table.len(), columns.len());
    while first + second > available {
        if first > second {
            first -= 1
        } else {
            second -= 1
        }
    }
    let (table, columns) = (clipped(table, first), clipped(columns, second));
    if joined == 1 {
        format!("{table}_{columns}_{label}")
    } else {
        format!("{table}_{label}")
    }
}

fn clipped(text: &str, mut length: usize) -> &str {
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    &text[..length]
}

/// Words that cannot stand for a name unquoted: PostgreSQL's reserved ones.
fn is_reserved(name: &str) -> bool {
    const RESERVED: &[&str] = &[
        "all",
        "analyse",
        "analyze",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "asymmetric",
        "authorization",
        "between",
        "bigint",
        "binary",
        "bit",
        "boolean",
        "both",
        "case",
        "cast",
        "char",
        "character",
        "check",
        "coalesce",
        "collate",
        "collation",
        "column",
        "concurrently",
        "constraint",
        "create",
        "cross",
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "dec",
        "decimal",
        "default",
        "deferrable",
        "desc",
        "distinct",
        "do",
        "else",
        "end",
        "except",
        "exists",
        "extract",
        "false",
        "fetch",
        "float",
        "for",
        "foreign",
        "freeze",
        "from",
        "full",
        "grant",
        "greatest",
        "group",
        "grouping",
        "having",
        "ilike",
        "in",
        "initially",
        "inner",
        "inout",
        "int",
        "integer",
        "intersect",
        "interval",
        "into",
        "is",
        "isnull",
        "join",
        "lateral",
        "leading",
        "least",
        "left",
        "like",
        "limit",
        "localtime",
        "localtimestamp",
        "national",
        "natural",
        "nchar",
        "none",
        "normalize",
        "not",
        "notnull",
        "null",
        "nullif",
        "numeric",
        "offset",
        "on",
        "only",
        "or",
        "order",
        "out",
        "outer",
        "overlaps",
        "overlay",
        "placing",
        "position",
        "precision",
        "primary",
        "real",
        "references",
        "returning",
        "right",
        "row",
        "select",
        "session_user",
        "setof",
        "similar",
        "smallint",
        "some",
        "substring",
        "symmetric",
        "table",
        "tablesample",
        "then",
        "time",
        "timestamp",
        "to",
        "trailing",
        "treat",
        "trim",
        "true",
        "union",
        "unique",
        "user",
        "using",
        "values",
        "varchar",
        "variadic",
        "verbose",
        "when",
        "where",
        "window",
        "with",
        "xmlattributes",
        "xmlconcat",
        "xmlelement",
        "xmlexists",
        "xmlforest",
        "xmlnamespaces",
        "xmlparse",
        "xmlpi",
        "xmlroot",
        "xmlserialize",
        "xmltable",
    ];
    RESERVED.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_and_quote_as_in_postgresql() {
        assert_eq!(folded("Pet"), "pet");
        assert_eq!(folded("\"Pe\"\"t\""), "Pe\"t");
        assert_eq!(quoted("pet_1"), "pet_1");
        assert_eq!(quoted("Pet"), "\"Pet\"");
        assert_eq!(quoted("order"), "\"order\"");
        assert_eq!(quoted("user"), "\"user\"");
    }

    #[test]
    fn default_names_are_cut_as_postgresql_cuts_them() {
        assert_eq!(default_name("pet", "name", "key"), "pet_name_key");
        assert_eq!(default_name("pet", "", "check"), "pet_check");
        let long = default_name(&"a".repeat(60), &"b".repeat(10), "fkey");
        assert_eq!(long, format!("{}_{}_fkey", "a".repeat(47), "b".repeat(10)));
        assert_eq!(long.len(), 63);
    }
}
