//! The translator: see `dsql_sql_oracle::translate`.

#![no_main]

use dsql_sql_oracle::{hold, input, translate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (options, script) = input(bytes);
    hold(translate(script, &options));
    #[cfg(feature = "libpg_query")]
    hold(dsql_sql_oracle::postgres::translate(script, &options));
});
