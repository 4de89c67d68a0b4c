//! What a DDL statement would change in the catalog, as one text.

/// A query for it, over a statement given as an SQL expression.
pub(crate) fn fingerprint(statement: &str) -> String {
    // The notes at its head need not be sent each time.
    let sql = include_str!("fingerprint.sql");
    let sql = sql.find("WITH").map_or(sql, |start| &sql[start..]);
    sql.trim_end().replace("$statement", statement)
}
