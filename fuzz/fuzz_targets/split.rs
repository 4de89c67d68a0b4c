//! The splitter: see `dsql_sql_oracle::split`.

#![no_main]

use dsql_sql_oracle::{hold, input, split};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (_, script) = input(bytes);
    hold(split(script));
    #[cfg(feature = "libpg_query")]
    hold(dsql_sql_oracle::postgres::split(script));
});
