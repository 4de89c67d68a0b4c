//! The local cluster's status page, looked at with a real browser.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::step::cargo;

const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

const SCRIPT: &str = "crates/dsql-local/tests/status/browser.py";

/// Runs the script that drives Chromium on a cluster of its own.
pub fn check() -> Result<()> {
    if !has_browser() {
        install()?;
    }
    let arguments = ["run", "--quiet", "--package", "dsql-cli", "--"];
    let status = cargo(&arguments)
        .args(["local", "--status", "0", "--", "python3", SCRIPT])
        .status()?;
    if !status.success() {
        bail!("the page is not as it should be ({status})");
    }
    Ok(())
}

fn has_browser() -> bool {
    ["chromium", "chromedriver"]
        .iter()
        .all(|program| succeeds(Command::new(program).arg("--version")))
}

/// From Debian's packages, where this is Debian and we may.
fn install() -> Result<()> {
    let packages = PACKAGES.join(" ");
    let by_hand = || {
        format!(
            "Chromium and ChromeDriver are missing and could not be installed: do it by hand, on Debian with \
             `apt-get install {packages}`"
        )
    };
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(arguments);
        succeeds(&mut command)
    };
    println!("installing {packages}");
    if !apt(&["update"]) {
        bail!(by_hand());
    }
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(PACKAGES);
    if !apt(&install) {
        bail!(by_hand());
    }
    has_browser().then_some(()).with_context(by_hand)
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
