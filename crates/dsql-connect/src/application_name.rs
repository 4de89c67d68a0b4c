//! What a client calls itself.

/// The `application_name` of a client, as AWS's connectors form theirs: `aurora-dsql-rust-<driver>/<version>`, with
/// the ORM before it, cut to 64 characters.
///
/// ```
/// let name = dsql_connect::application_name(Some("sea-orm"), "sqlx");
/// assert!(name.starts_with("sea-orm:aurora-dsql-rust-sqlx/"));
/// ```
pub fn application_name(orm: Option<&str>, driver: &str) -> String {
    let prefix = orm.map(|orm| format!("{orm}:")).unwrap_or_default();
    let name = format!(
        "{prefix}aurora-dsql-rust-{driver}/{}",
        env!("CARGO_PKG_VERSION")
    );
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_cut_to_64_characters() {
        assert_eq!(
            application_name(Some(&"é".repeat(80)), "sqlx")
                .chars()
                .count(),
            64
        );
        assert_eq!(
            application_name(None, "sqlx"),
            format!("aurora-dsql-rust-sqlx/{}", env!("CARGO_PKG_VERSION"))
        );
    }
}
