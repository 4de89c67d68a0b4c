//! What `dsql-sql` promises for any script whatsoever, as functions that say
//! what is wrong.
//!
//! ```
//! let options = dsql_sql::Options::default();
//! let script = "CREATE TABLE pet (id serial); CREATE INDEX ON pet (id); 'open";
//! dsql_sql_oracle::split(script)?;
//! dsql_sql_oracle::translate(script, &options)?;
//! dsql_sql_oracle::lint(script, &options)?;
//! # Ok::<(), String>(())
//! ```
//!
//! Three callers share them: the property tests of `dsql-sql`, the fuzz
//! targets in `fuzz/`, and, with the feature `libpg_query`, the test that asks
//! PostgreSQL's own parser. Nothing here is part of the product.

/// Ends the function with what is wrong, unless the condition holds.
macro_rules! ensure {
    ($holds:expr, $($wrong:tt)+) => {
        if !$holds {
            return Err(format!($($wrong)+));
        }
    };
}

#[cfg(feature = "generate")]
pub mod generate;
mod input;
mod lint;
#[cfg(feature = "libpg_query")]
pub mod postgres;
pub mod seeds;
mod split;
mod translate;

pub use input::{hold, input, options};
pub use lint::lint;
pub use split::split;
pub use translate::{statements, translate};

/// Nothing, or what is wrong, with the texts that show it.
pub type Verdict = Result<(), String>;
