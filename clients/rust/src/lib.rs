//! PostgreSQL's Rust clients against a local cluster: tokio-postgres, sqlx and Diesel, as their users use them. What
//! there is stands in `tests`.

/// What a conflict says.
pub const CONFLICT: &str = "change conflicts with another transaction (OC000)";

/// A variable that `dsql local -- COMMAND` has set.
///
/// # Panics
///
/// When it is not set.
pub fn variable(name: &str) -> String {
    match std::env::var(name) {
        Ok(value) => value,
        Err(_) => panic!("{name} is not set: run `cargo xtask test clients`"),
    }
}
