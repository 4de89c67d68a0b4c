//! What Aurora DSQL accepts: split, check and translate PostgreSQL.

mod lex;
mod split;
mod statement;

pub use split::split;
pub use statement::{Kind, Statement, Verb};
