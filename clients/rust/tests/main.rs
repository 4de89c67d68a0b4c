//! Rust clients of a local cluster that is found in the environment.

#![allow(clippy::unwrap_used)]

mod it {
    mod diesel;
    mod sqlx;
    mod tokio_postgres;
}
