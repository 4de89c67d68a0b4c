//! The linter and what it writes: see `dsql_sql_oracle::lint`.

#![no_main]

use dsql_sql_oracle::{hold, input, lint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (options, script) = input(bytes);
    hold(lint(script, &options));
});
