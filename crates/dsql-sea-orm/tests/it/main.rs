//! What a SeaORM application sees, on a local cluster or on the one that
//! `DSQL_URL` names.

mod ddl;
mod entity;
mod migration;
mod queries;
mod readme;
mod retries;
mod support;
mod transactions;
