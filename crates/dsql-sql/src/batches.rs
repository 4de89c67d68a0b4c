//! A change of many rows, cut so that each batch stays under the limits.

use crate::quote_literal;

/// A back-fill, a delete or a copy of many rows, one batch a transaction.
///
/// Rows are walked in the order of a key, page by page: run
/// [`page_query`](Self::page_query) for where a page ends, then
/// [`statement`](Self::statement) for the rows of that page, and go on after
/// it until no page is left. Where there is no key, run the statement until
/// it changes no row.
///
/// Each statement leaves out the rows that are done, so it may be sent again,
/// and the walk may be stopped and begun anew at any point.
///
/// ```
/// use dsql_sql::{Options, Step, translate};
///
/// let plan = translate("TRUNCATE visit", &Options::default());
/// let Step::Batches(batches) = &plan.steps[0] else { unreachable!() };
/// let key = ["id".to_owned()];
/// assert_eq!(
///     batches.page_query(&key, None),
///     "SELECT id::text FROM visit ORDER BY id OFFSET 999 LIMIT 1",
/// );
/// let until = ["1000".to_owned()];
/// assert_eq!(
///     batches.statement(&key, None, Some(&until)),
///     "DELETE FROM visit AS dsql_row WHERE dsql_row.id <= '1000'",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batches {
    pub(crate) table: String,
    pub(crate) only: bool,
    pub(crate) change: Change,
    pub(crate) rows: u32,
}

/// What a batch does to its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Delete,
    /// `SET column = value` where the column is null.
    Fill {
        column: String,
        value: String,
        may_be_null: bool,
    },
    /// `SET column = to` where it is `from`.
    Set {
        column: String,
        from: String,
        to: String,
    },
    /// INSERT the rows of a source that are not there yet.
    Copy(Copy),
    /// DELETE the rows that are not in the source as they are here.
    DeleteDifferent(Copy),
}

/// Rows from a source to the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copy {
    /// A table or a view.
    pub(crate) from: String,
    /// What the expressions call it.
    pub(crate) alias: String,
    pub(crate) columns: Vec<Copied>,
    /// Columns of the table that tell its rows apart, by their place in
    /// `columns`. None: a row is told by how many are there before it, which
    /// asks for a source that stands still.
    pub(crate) matched: Vec<usize>,
    /// The key of the source, by which it is walked.
    pub(crate) key: Vec<String>,
    /// Does a value of the key stand at the same place in the order of both,
    /// written the same? Then a page of one is a page of the other.
    pub(crate) same_order: bool,
    /// Does an identity column take values that are given?
    pub(crate) overriding: bool,
}

/// A column that is copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copied {
    pub(crate) name: String,
    /// Over the columns of the source.
    pub(crate) value: String,
    /// Has its type an equality operator?
    pub(crate) has_equality: bool,
}

impl Batches {
    /// The table whose rows change, qualified and quoted as in the script.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Rows a batch changes at most.
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// The columns of the key by which rows are walked, quoted where they
    /// need it; empty where they are not walked. `None`: only the catalog
    /// knows; ask [`key_columns_query`](Self::key_columns_query).
    pub fn key_columns(&self) -> Option<Vec<String>> {
        match &self.change {
            Change::Delete | Change::Fill { .. } | Change::Set { .. } => None,
            Change::Copy(copy) => Some(copy.key.clone()),
            Change::DeleteDifferent(copy) => Some(
                copy.matched_columns()
                    .map(|column| column.name.clone())
                    .collect(),
            ),
        }
    }

    /// A query that answers the names of the primary key's columns, in order
    /// and quoted where they need it, one text column. No row: no primary key.
    pub fn key_columns_query(&self) -> String {
        format!(
            "SELECT pg_catalog.quote_ident(a.attname) \
             FROM pg_catalog.pg_constraint c \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) \
             WHERE c.contype = 'p' AND c.conrelid = {}::pg_catalog.regclass \
             ORDER BY pg_catalog.array_position(c.conkey, a.attnum)",
            quote_literal(&self.table)
        )
    }

    /// A query for the last row of the page after a key: at most one row, the
    /// columns of its key as text. No row: the page is the last one.
    pub fn page_query(&self, key: &[String], after: Option<&[String]>) -> String {
        let casts: Vec<_> = key.iter().map(|column| format!("{column}::text")).collect();
        let source = match &self.change {
            Change::Copy(copy) => copy.from.as_str(),
            _ => &self.table,
        };
        let condition = after.map_or(String::new(), |after| {
            format!(" WHERE {}", compare(key, ">", after))
        });
        format!(
            "SELECT {} FROM {}{source}{condition} ORDER BY {} OFFSET {} LIMIT 1",
            casts.join(", "),
            self.only(),
            key.join(", "),
            self.rows - 1
        )
    }

    /// One batch: the rows after one key, up to and with another. Without a
    /// key, some of the rows that are not done.
    pub fn statement(
        &self,
        key: &[String],
        after: Option<&[String]>,
        until: Option<&[String]>,
    ) -> String {
        if key.is_empty() {
            return self.some();
        }
        let range = |alias: &str| {
            let key: Vec<_> = key
                .iter()
                .map(|column| format!("{alias}{column}"))
                .collect();
            let mut range = Vec::new();
            if let Some(after) = after {
                range.push(compare(&key, ">", after));
            }
            if let Some(until) = until {
                range.push(compare(&key, "<=", until));
            }
            range
        };
        match &self.change {
            Change::Copy(copy) => {
                let there = if copy.same_order {
                    range("dsql_there.")
                } else {
                    Vec::new()
                };
                let mut range = range("");
                if let ([range], None) = (range.as_mut_slice(), until) {
                    // A key that is null belongs to the last page, so that it is
                    // not lost without a word.
                    *range = format!("({range}) IS NOT FALSE");
                }
                self.copy(copy, &range, &there)
            }
            Change::DeleteDifferent(copy) => {
                let source = if copy.same_order {
                    range("")
                } else {
                    Vec::new()
                };
                let mut conditions = range("dsql_row.");
                conditions.push(self.different(copy, &source));
                self.change(conditions)
            }
            _ => self.change(range("dsql_row.")),
        }
    }

    /// All rows in one statement, which the service refuses beyond 3,000.
    pub fn whole(&self) -> String {
        match &self.change {
            Change::Copy(copy) => self.copy(copy, &[], &[]),
            Change::DeleteDifferent(copy) => self.change(vec![self.different(copy, &[])]),
            _ => self.change(Vec::new()),
        }
    }

    fn only(&self) -> &'static str {
        if self.only { "ONLY " } else { "" }
    }

    /// A batch without a key: rows are told apart by all that is in them.
    fn some(&self) -> String {
        let conditions = self.conditions();
        let inner = |alias: &str| {
            let conditions: Vec<_> = self.conditions_of(alias);
            where_all(&conditions)
        };
        match &self.change {
            Change::Copy(copy) => format!(
                "{} SELECT * FROM {} AS dsql_row ORDER BY dsql_row::text \
                 OFFSET (SELECT pg_catalog.count(*) FROM {}) LIMIT {}",
                self.insert(copy),
                copy.selected(&[]),
                self.table,
                self.rows
            ),
            _ => {
                let mut conditions = conditions;
                conditions.push(format!(
                    "dsql_row::text IN (SELECT dsql_page::text FROM {}{} AS dsql_page{} LIMIT {})",
                    self.only(),
                    self.table,
                    inner("dsql_page."),
                    self.rows
                ));
                self.change(conditions)
            }
        }
    }

    /// UPDATE or DELETE under these conditions and its own.
    fn change(&self, mut conditions: Vec<String>) -> String {
        let table = format!("{}{} AS dsql_row", self.only(), self.table);
        for condition in self.conditions() {
            if !conditions.contains(&condition) {
                conditions.push(condition);
            }
        }
        let conditions = where_all(&conditions);
        match &self.change {
            Change::Fill { column, value, .. }
            | Change::Set {
                column, to: value, ..
            } => {
                format!("UPDATE {table} SET {column} = {value}{conditions}")
            }
            _ => format!("DELETE FROM {table}{conditions}"),
        }
    }

    /// What holds for a row that is not done.
    fn conditions(&self) -> Vec<String> {
        self.conditions_of("dsql_row.")
    }

    fn conditions_of(&self, alias: &str) -> Vec<String> {
        match &self.change {
            Change::Delete | Change::Copy(_) => Vec::new(),
            Change::Fill {
                column,
                value,
                may_be_null,
            } => {
                let mut conditions = vec![format!("{alias}{column} IS NULL")];
                if *may_be_null {
                    conditions.push(format!("({value}) IS NOT NULL"));
                }
                conditions
            }
            Change::Set { column, from, .. } => vec![format!("{alias}{column} = {from}")],
            Change::DeleteDifferent(_) => Vec::new(),
        }
    }

    /// A row is not in the source as it is here.
    fn different(&self, copy: &Copy, range: &[String]) -> String {
        let same: Vec<_> = copy
            .columns
            .iter()
            .enumerate()
            .map(
                |(
                    at,
                    Copied {
                        name, has_equality, ..
                    },
                )| {
                    if copy.matched.contains(&at) {
                        format!("dsql_source.{name} = dsql_row.{name}")
                    } else if *has_equality {
                        format!("dsql_source.{name} IS NOT DISTINCT FROM dsql_row.{name}")
                    } else {
                        format!(
                            "dsql_source.{name}::text IS NOT DISTINCT FROM dsql_row.{name}::text"
                        )
                    }
                },
            )
            .collect();
        format!(
            "NOT EXISTS (SELECT 1 FROM {} AS dsql_source WHERE {})",
            copy.selected(range),
            same.join(" AND ")
        )
    }

    fn insert(&self, copy: &Copy) -> String {
        let names: Vec<_> = copy
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        let overriding = if copy.overriding {
            " OVERRIDING SYSTEM VALUE"
        } else {
            ""
        };
        format!(
            "INSERT INTO {} ({}){overriding}",
            self.table,
            names.join(", ")
        )
    }

    /// INSERT the rows of a range of the source; `there`: the same range of the
    /// table.
    fn copy(&self, copy: &Copy, range: &[String], there: &[String]) -> String {
        let mut same: Vec<_> = copy
            .matched_columns()
            .map(|Copied { name, .. }| format!("dsql_there.{name} = dsql_row.{name}"))
            .collect();
        let missing = if same.is_empty() {
            String::new()
        } else {
            same.extend_from_slice(there);
            format!(
                " WHERE NOT EXISTS (SELECT 1 FROM {} AS dsql_there WHERE {})",
                self.table,
                same.join(" AND ")
            )
        };
        format!(
            "{} SELECT * FROM {} AS dsql_row{missing}",
            self.insert(copy),
            copy.selected(range)
        )
    }
}

impl Copy {
    fn matched_columns(&self) -> impl Iterator<Item = &Copied> {
        self.matched.iter().filter_map(|at| self.columns.get(*at))
    }

    /// The source's rows as they are to be here.
    fn selected(&self, range: &[String]) -> String {
        let columns: Vec<_> = self
            .columns
            .iter()
            .map(|Copied { name, value, .. }| {
                if name == value {
                    name.clone()
                } else {
                    format!("{value} AS {name}")
                }
            })
            .collect();
        format!(
            "(SELECT {} FROM {} AS {}{})",
            columns.join(", "),
            self.from,
            self.alias,
            where_all(range)
        )
    }
}

fn where_all(conditions: &[String]) -> String {
    if conditions.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", conditions.join(" AND "))
    }
}

/// Rows compare column by column, from the left.
fn compare(key: &[String], operator: &str, values: &[String]) -> String {
    let values: Vec<_> = values.iter().map(|value| quote_literal(value)).collect();
    if let ([column], [value]) = (key, values.as_slice()) {
        return format!("{column} {operator} {value}");
    }
    format!("({}) {operator} ({})", key.join(", "), values.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(change: Change) -> Batches {
        Batches {
            table: "s.t".into(),
            only: false,
            change,
            rows: 500,
        }
    }

    fn text(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn rows_are_walked_by_the_whole_key() {
        let batches = batches(Change::Delete);
        let key = text(&["a", "\"B\""]);
        assert_eq!(
            batches.page_query(&key, Some(&text(&["1", "it's"]))),
            "SELECT a::text, \"B\"::text FROM s.t WHERE (a, \"B\") > ('1', 'it''s') \
             ORDER BY a, \"B\" OFFSET 499 LIMIT 1"
        );
        assert_eq!(
            batches.statement(&key, Some(&text(&["1", "x"])), Some(&text(&["2", "y"]))),
            "DELETE FROM s.t AS dsql_row WHERE (dsql_row.a, dsql_row.\"B\") > ('1', 'x') \
             AND (dsql_row.a, dsql_row.\"B\") <= ('2', 'y')"
        );
        assert_eq!(
            batches.statement(&key, None, None),
            "DELETE FROM s.t AS dsql_row"
        );
    }

    #[test]
    fn without_a_key_rows_are_told_apart_by_all_that_is_in_them() {
        assert_eq!(
            batches(Change::Delete).statement(&[], None, None),
            "DELETE FROM s.t AS dsql_row WHERE dsql_row::text IN \
             (SELECT dsql_page::text FROM s.t AS dsql_page LIMIT 500)"
        );
    }

    #[test]
    fn a_back_fill_without_a_key_never_turns_in_circles_on_a_null_value() {
        let fill = batches(Change::Fill {
            column: "c".into(),
            value: "f()".into(),
            may_be_null: true,
        });
        assert_eq!(
            fill.statement(&[], None, None),
            "UPDATE s.t AS dsql_row SET c = f() WHERE dsql_row.c IS NULL AND (f()) IS NOT NULL \
             AND dsql_row::text IN (SELECT dsql_page::text FROM s.t AS dsql_page \
             WHERE dsql_page.c IS NULL AND (f()) IS NOT NULL LIMIT 500)"
        );
        assert_eq!(
            fill.statement(&text(&["id"]), None, Some(&text(&["7"]))),
            "UPDATE s.t AS dsql_row SET c = f() WHERE dsql_row.id <= '7' AND dsql_row.c IS NULL \
             AND (f()) IS NOT NULL"
        );
    }

    fn copy() -> Copy {
        let column = |name: &str, value: &str, has_equality| Copied {
            name: name.into(),
            value: value.into(),
            has_equality,
        };
        Copy {
            from: "s.old".into(),
            alias: "t".into(),
            columns: vec![
                column("id", "id::bigint", true),
                column("doc", "doc", false),
                column("name", "name", true),
            ],
            matched: vec![0],
            key: text(&["id"]),
            same_order: true,
            overriding: true,
        }
    }

    #[test]
    fn a_copy_leaves_out_the_rows_that_are_there() {
        let batches = batches(Change::Copy(copy()));
        assert_eq!(
            batches.page_query(&text(&["id"]), None),
            "SELECT id::text FROM s.old ORDER BY id OFFSET 499 LIMIT 1"
        );
        assert_eq!(
            batches.statement(&text(&["id"]), Some(&text(&["9"])), None),
            "INSERT INTO s.t (id, doc, name) OVERRIDING SYSTEM VALUE SELECT * FROM \
             (SELECT id::bigint AS id, doc, name FROM s.old AS t WHERE (id > '9') IS NOT FALSE) \
             AS dsql_row WHERE NOT EXISTS \
             (SELECT 1 FROM s.t AS dsql_there WHERE dsql_there.id = dsql_row.id \
             AND dsql_there.id > '9')"
        );
    }

    #[test]
    fn rows_that_differ_are_deleted() {
        let batches = batches(Change::DeleteDifferent(copy()));
        assert_eq!(batches.key_columns(), Some(text(&["id"])));
        assert_eq!(
            batches.statement(&text(&["id"]), None, Some(&text(&["9"]))),
            "DELETE FROM s.t AS dsql_row WHERE dsql_row.id <= '9' AND NOT EXISTS \
             (SELECT 1 FROM (SELECT id::bigint AS id, doc, name FROM s.old AS t WHERE id <= '9') AS dsql_source \
             WHERE dsql_source.id = dsql_row.id AND dsql_source.doc::text IS NOT DISTINCT FROM \
             dsql_row.doc::text AND dsql_source.name IS NOT DISTINCT FROM dsql_row.name)"
        );
    }

    #[test]
    fn a_source_without_a_key_is_copied_in_the_order_of_its_text() {
        let mut copy = copy();
        copy.matched.clear();
        copy.key.clear();
        copy.overriding = false;
        assert_eq!(
            batches(Change::Copy(copy)).statement(&[], None, None),
            "INSERT INTO s.t (id, doc, name) SELECT * FROM \
             (SELECT id::bigint AS id, doc, name FROM s.old AS t) AS dsql_row \
             ORDER BY dsql_row::text OFFSET (SELECT pg_catalog.count(*) FROM s.t) LIMIT 500"
        );
    }
}
