//! Who runs: a person or a program, on a machine.

/// This process, as others are told of it.
#[derive(Debug, Clone)]
pub(crate) struct Runner {
    /// Tells this run from all others.
    pub(crate) token: String,
    pub(crate) user: String,
    pub(crate) host: String,
    pub(crate) process: i32,
}

impl Runner {
    pub(crate) fn this() -> Self {
        // Nothing about it is secret, so that the hasher's seed is good enough.
        let random = || {
            use std::hash::{BuildHasher as _, RandomState};
            RandomState::new().hash_one(std::time::SystemTime::now())
        };
        let process = std::process::id();
        Self {
            token: format!("{:016x}{:016x}", random(), random()),
            user: whoami::username().unwrap_or_else(|_| "unknown".into()),
            host: whoami::hostname().unwrap_or_else(|_| "unknown".into()),
            process: i32::try_from(process).unwrap_or(0),
        }
    }
}
