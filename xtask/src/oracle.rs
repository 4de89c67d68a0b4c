//! What `dsql-sql` writes, held against PostgreSQL's own parser.

use anyhow::{Context, Result, bail};

use crate::libclang;
use crate::step::cargo;

/// Lints and tests the crate with the parser in it.
pub fn check() -> Result<()> {
    let variables = libclang::variables()?;
    let package = ["--quiet", "--package", "dsql-sql-oracle", "--all-features"];
    let lint = ["--all-targets", "--", "--deny", "warnings"];
    for (verb, rest) in [("clippy", &lint[..]), ("test", &[])] {
        let status = cargo(&[verb])
            .args(package)
            .args(rest)
            .envs(variables.iter().cloned())
            .status()
            .with_context(|| format!("cargo {verb}"))?;
        if !status.success() {
            bail!("cargo {verb} ended with {status}");
        }
    }
    Ok(())
}
