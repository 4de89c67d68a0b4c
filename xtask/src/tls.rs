//! One TLS stack and one provider of its cryptography, everywhere.

use anyhow::{Context, Result, bail};

use crate::step::cargo;

/// What must not be among the dependencies.
const UNWANTED: [&str; 6] = [
    "aws-lc-rs",
    "aws-lc-sys",
    "native-tls",
    "openssl",
    "openssl-sys",
    "s2n-tls",
];

/// What must be there in one version only.
const SINGLE: [&str; 3] = ["ring", "rustls", "tokio-rustls"];

/// Looks through the dependencies of the whole workspace, tests and benchmarks included.
pub fn check() -> Result<()> {
    let output = cargo(&[
        "tree",
        "--workspace",
        "--edges",
        "all",
        "--prefix",
        "none",
        "--locked",
    ])
    .output()
    .context("cargo tree")?;
    if !output.status.success() {
        bail!(
            "cargo tree: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let faults = faults(&String::from_utf8_lossy(&output.stdout));
    if !faults.is_empty() {
        bail!(
            "{}; `cargo tree --workspace --invert NAME` tells who asks for it",
            faults.join("; ")
        );
    }
    Ok(())
}

/// Lines are `name vVERSION …`.
fn faults(tree: &str) -> Vec<String> {
    let mut packages: Vec<(&str, &str)> = tree
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?, words.next()?))
        })
        .filter(|(_, version)| version.starts_with('v'))
        .collect();
    packages.sort_unstable();
    packages.dedup();
    let mut faults = Vec::new();
    for name in UNWANTED {
        if packages.iter().any(|(package, _)| *package == name) {
            faults.push(format!("{name} is among the dependencies"));
        }
    }
    for name in SINGLE {
        let count = packages
            .iter()
            .filter(|(package, _)| *package == name)
            .count();
        if count > 1 {
            faults.push(format!("{name} is there in {count} versions"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_stack_or_version_is_found() {
        assert!(
            faults(
                "dsql v0.1.0 (/x)\nrustls v0.23.0\nrustls v0.23.0 (*)\n\nrustls feature \"ring\""
            )
            .is_empty()
        );
        assert_eq!(
            faults("native-tls v0.2.0\nrustls v0.21.0\nrustls v0.23.0"),
            [
                "native-tls is among the dependencies",
                "rustls is there in 2 versions"
            ]
        );
    }
}
