//! What column rules share: columns of a statement and the names of types.

use super::prelude::*;

/// A column that a statement defines.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) node: SyntaxNode,
    pub(crate) name: SyntaxNode,
    /// Its type.
    pub(crate) kind: Option<SyntaxNode>,
}

impl Column {
    /// The expression of its DEFAULT.
    pub(crate) fn default_value(&self) -> Option<SyntaxNode> {
        tree::child(&self.node, K::DEFAULT_CONSTRAINT)?
            .children()
            .find(|child| child.kind() != K::CONSTRAINT_NAME_CLAUSE)
    }

    /// `ALWAYS AS IDENTITY …`, where it is an identity column.
    pub(crate) fn identity(&self) -> Option<SyntaxNode> {
        tree::child(
            &tree::child(&self.node, K::GENERATED_CONSTRAINT)?,
            K::GENERATED_IDENTITY,
        )
    }
}

/// The nodes that are types.
pub(crate) const TYPES: &[K] = &[
    K::ARRAY_TYPE,
    K::PATH_TYPE,
    K::VARCHAR_TYPE,
    K::CHARACTER_TYPE,
    K::BIT_TYPE,
    K::BIT_VARYING_TYPE,
    K::DOUBLE_TYPE,
    K::TIME_TYPE,
    K::TIMESTAMP_TYPE,
    K::INTERVAL_TYPE,
];

/// The columns of CREATE TABLE and of ADD COLUMN, in order of text.
pub(crate) fn columns<'s>(subject: &'s Subject<'_>) -> &'s [Column] {
    subject.columns.get_or_init(|| {
        let Some(tree) = subject.tree() else {
            return Vec::new();
        };
        tree::descendants(tree, &[K::COLUMN, K::ADD_COLUMN])
            .filter_map(|node| {
                let name = tree::child(&node, K::COLUMN_NAME)?;
                let kind = node.children().find(|child| TYPES.contains(&child.kind()));
                Some(Column { node, name, kind })
            })
            .collect()
    })
}

/// The last part of a type's name as PostgreSQL folds it: lower case unless
/// quoted. `None` for arrays and for types of several words.
pub(crate) fn type_name(subject: &Subject<'_>, kind: &SyntaxNode) -> Option<String> {
    let path = tree::child(kind, K::PATH_REF)?;
    let (start, end) = tree::span(&path);
    Some(super::last_name(subject, start, end))
}

/// Is it one of PostgreSQL's own types by the way it is named: without a
/// schema, or with `pg_catalog`? A domain in a schema may have any name.
pub(super) fn is_builtin(subject: &Subject<'_>, kind: &SyntaxNode) -> bool {
    let Some(path) = tree::child(kind, K::PATH_REF) else {
        return true;
    };
    let (start, end) = tree::span(&path);
    let first = subject.tokens.partition_point(|token| token.start < start);
    let last = subject.tokens.partition_point(|token| token.end <= end);
    last - first <= 1 || super::name::folded(subject.text_at(first)) == "pg_catalog"
}

/// A type as PostgreSQL spells it, such as `integer` for `int4`, without its
/// size; of an array, its element.
pub(crate) fn canonical(subject: &Subject<'_>, kind: &SyntaxNode) -> String {
    let zoned = || tree::child(kind, K::WITH_TIMEZONE).is_some();
    let name = match kind.kind() {
        K::ARRAY_TYPE => {
            let element = kind.children().find(|child| TYPES.contains(&child.kind()));
            return element.map_or_else(String::new, |element| canonical(subject, &element));
        }
        K::VARCHAR_TYPE => "character varying",
        K::CHARACTER_TYPE => "character",
        K::BIT_TYPE => "bit",
        K::BIT_VARYING_TYPE => "bit varying",
        K::DOUBLE_TYPE => "double precision",
        K::TIME_TYPE if zoned() => "time with time zone",
        K::TIME_TYPE => "time without time zone",
        K::TIMESTAMP_TYPE if zoned() => "timestamp with time zone",
        K::TIMESTAMP_TYPE => "timestamp without time zone",
        K::INTERVAL_TYPE => "interval",
        _ => {
            let name = type_name(subject, kind).unwrap_or_default();
            let name = array_element(&name).unwrap_or(&name);
            return match name {
                "int" | "int4" => "integer".to_owned(),
                "int8" => "bigint".to_owned(),
                "int2" => "smallint".to_owned(),
                "bool" => "boolean".to_owned(),
                "float4" => "real".to_owned(),
                "float8" | "float" => "double precision".to_owned(),
                "decimal" | "dec" => "numeric".to_owned(),
                "timestamptz" => "timestamp with time zone".to_owned(),
                "timetz" => "time with time zone".to_owned(),
                "varbit" => "bit varying".to_owned(),
                "varchar" => "character varying".to_owned(),
                _ => name.to_owned(),
            };
        }
    };
    name.to_owned()
}

/// The element of an array type that is called by its own name, such as
/// `_int4`.
pub(super) fn array_element(name: &str) -> Option<&str> {
    const ELEMENTS: &[&str] = &[
        "bool",
        "bpchar",
        "bytea",
        "date",
        "float4",
        "float8",
        "inet",
        "int2",
        "int4",
        "int8",
        "interval",
        "json",
        "jsonb",
        "numeric",
        "text",
        "time",
        "timestamp",
        "timestamptz",
        "timetz",
        "uuid",
        "varchar",
    ];
    name.strip_prefix('_')
        .filter(|element| ELEMENTS.contains(element))
}
