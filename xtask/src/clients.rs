//! PostgreSQL's clients against local clusters. What they need is installed below `target`, pinned, once.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result};

use crate::root;
use crate::step::{cargo, run};

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
    let (python, node) = (install_python()?, install_node()?);
    let mut rust = against_a_cluster(cargo(&RUST).get_program());
    run(rust.args(RUST))?;
    let mut pytest = against_a_cluster(python.join("bin/python"));
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
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let mut command = Command::new(target.join("debug/dsql"));
    command
        .args(["local", "--"])
        .arg(program)
        .current_dir(root())
        .stdin(Stdio::null());
    command
}

/// A virtual environment with what `clients/python/requirements.txt` names.
fn install_python() -> Result<PathBuf> {
    let folder = root().join("target/clients/python");
    let requirements = root().join("clients/python/requirements.txt");
    let installed = folder.join("requirements.txt");
    if same(&requirements, &installed) {
        return Ok(folder);
    }
    let mut venv = Command::new("python3");
    run(venv.args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps"])
        .args(["--disable-pip-version-check", "--requirement"])
        .arg(&requirements);
    run(&mut pip)?;
    fs::copy(&requirements, &installed)?;
    Ok(folder)
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
