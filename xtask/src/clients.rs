//! PostgreSQL's clients against local clusters. What they need is installed below `target`, pinned, once.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::step::{cargo, run};
use crate::venv::Venv;
use crate::{root, target};

/// With the features of the whole workspace, here and below, so that little is built twice.
const BUILD: [&str; 5] = ["build", "--quiet", "--workspace", "--bin", "dsql"];

/// What is linted here and not with the rest of the workspace.
const LINT: [&str; 10] = [
    "clippy",
    "--quiet",
    "--workspace",
    "--features",
    "dsql-clients/run",
    "--test",
    "clients",
    "--",
    "--deny",
    "warnings",
];

/// The Rust clients. One after the other: who changes the catalog disturbs the others, as on the service.
const RUST: [&str; 9] = [
    "test",
    "--quiet",
    "--workspace",
    "--features",
    "dsql-clients/run",
    "--test",
    "clients",
    "--",
    "--test-threads=1",
];

/// Runs every client in `clients/`, those of a language against a cluster of their own.
pub fn check() -> Result<()> {
    run(&mut cargo(&BUILD))?;
    run(&mut cargo(&LINT))?;
    let requirements = root().join("clients/python/requirements.txt");
    let python = Venv::install("clients/python", &requirements)?;
    let node = install_node()?;
    let mut rust = against_a_cluster(cargo(&RUST).get_program());
    run(rust.args(RUST))?;
    let mut pytest = against_a_cluster(python.path("python"));
    pytest
        .args(["-m", "pytest", "--quiet", "--no-header"])
        .args(["-p", "no:cacheprovider"])
        .args(["-W", "error::pytest.PytestUnhandledThreadExceptionWarning"])
        .arg("clients/python")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    run(&mut pytest)?;
    let mut tests = against_a_cluster("node");
    tests
        .args(["--test", "--test-reporter=dot"])
        .current_dir(node);
    run(&mut tests)
}

/// `dsql local -- program`; the arguments follow.
fn against_a_cluster(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(target().join("debug/dsql"));
    command
        .args(["local", "--"])
        .arg(program)
        .current_dir(root())
        .stdin(Stdio::null());
    command
}

/// A folder with the tests of `clients/node` and the packages that its lock file names.
fn install_node() -> Result<PathBuf> {
    let folder = root().join("target/clients/node");
    let source = root().join("clients/node");
    let installed = folder.join("node_modules/package-lock.json");
    fs::create_dir_all(&folder)?;
    for name in ["package.json", "package-lock.json", "pg.test.js"] {
        fs::copy(source.join(name), folder.join(name)).context(name)?;
    }
    let lock = folder.join("package-lock.json");
    if !same(&lock, &installed) {
        let mut npm = Command::new("npm");
        npm.args([
            "ci",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
        ])
        .current_dir(&folder);
        run(&mut npm)?;
        fs::copy(&lock, &installed)?;
    }
    Ok(folder)
}

fn same(one: &Path, other: &Path) -> bool {
    matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
}
