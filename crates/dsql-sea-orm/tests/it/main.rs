//! What a SeaORM application sees, on a local cluster or on the one that
//! `DSQL_URL` names.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bakery;
mod ddl;
mod entity;
mod in_batches;
mod migration;
mod queries;
mod readme;
mod retries;
#[path = "../../../dsql-sqlx/tests/run_until/mod.rs"]
mod run_until;
mod support;
mod transactions;
