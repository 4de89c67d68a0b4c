//! What a fuzzer makes up, as a script and options.

use dsql_sql::{ForeignKeys, Options};

use crate::Verdict;

/// The first byte chooses the options, a space the default ones; the rest, up
/// to what is no UTF-8, is the script.
pub fn input(bytes: &[u8]) -> (Options, &str) {
    let (choice, script) = bytes.split_first().unwrap_or((&b' ', &[]));
    let script = match std::str::from_utf8(script) {
        Ok(script) => script,
        Err(error) => std::str::from_utf8(&script[..error.valid_up_to()]).unwrap_or_default(),
    };
    (options(*choice), script)
}

/// Any number gives options; neighbours differ.
pub fn options(choice: u8) -> Options {
    let identity_caches = [65_536, 1, 7, 100_000];
    Options {
        foreign_keys: if choice & 1 == 0 {
            ForeignKeys::Native
        } else {
            ForeignKeys::Omit
        },
        identity_cache: identity_caches[usize::from(choice >> 1) % identity_caches.len()],
        ..Options::default()
    }
}

/// Panics with what is wrong, as a fuzzer wants it.
///
/// # Panics
///
/// Where something is wrong.
#[track_caller]
pub fn hold(verdict: Verdict) {
    if let Err(wrong) = verdict {
        panic!("{wrong}");
    }
}
