//! What was measured on, and how to do it again.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::thread;

use crate::measure::Effort;

/// This program, to be run once more: the one that runs, even when a newer one has been built over it.
pub fn this_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    env::current_exe().unwrap_or_default()
}

/// The lines below the table.
pub fn facts(postgres: &str, effort: Effort) -> String {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("processor unknown", |rest| {
            rest.trim_start_matches([' ', '\t', ':'])
        });
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let build = if cfg!(debug_assertions) {
        "debug build: ratios are not meant to be met"
    } else {
        "release build"
    };
    let again = match effort {
        Effort::Whole => "cargo xtask bench",
        Effort::Quick => "cargo xtask bench --quick",
    };
    format!(
        "PostgreSQL {postgres}; {cores} cores, {processor}; {} {}; {build}\nAgain: {again}",
        env::consts::OS,
        env::consts::ARCH
    )
}
