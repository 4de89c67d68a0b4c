//! The page of all rules, printed from the code.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::root;
use crate::step::cargo;

/// Writes the page.
pub fn write() -> Result<()> {
    let page = page();
    fs::write(&page, printed()?).with_context(|| format!("writing {}", page.display()))
}

/// Fails when the page says something else than the code.
pub fn check() -> Result<()> {
    let page = page();
    let kept = fs::read_to_string(&page).with_context(|| format!("reading {}", page.display()))?;
    if kept != printed()? {
        bail!("docs/rules.md is not what the rules say; `cargo xtask docs` writes it anew");
    }
    Ok(())
}

fn page() -> PathBuf {
    root().join("docs/rules.md")
}

fn printed() -> Result<String> {
    let output = cargo(&[
        "run",
        "--quiet",
        "--package",
        "dsql-cli",
        "--",
        "rules",
        "--format",
        "markdown",
    ])
    .output()
    .context("dsql rules")?;
    if !output.status.success() {
        bail!(
            "dsql rules: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}
