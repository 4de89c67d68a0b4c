//! What the local cluster makes of whatever bytes come in: see `dsql_local::oracle`.

#![no_main]

use dsql_local::oracle::wire;
use dsql_sql_oracle::hold;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| hold(wire(bytes)));
