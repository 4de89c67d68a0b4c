//! The Python packages: built as a wheel, installed as a user would, tested. What that needs is installed below
//! `target`, pinned, once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::step::{cargo, run};
use crate::venv::Venv;
use crate::{root, target};

/// The package, from the root.
const PACKAGE: &str = "crates/dsql-python";

/// Lints, checks the types and tests, on the newest versions of what is adapted and on the oldest.
pub fn check() -> Result<()> {
    let wheel = build_wheel("dev")?;
    let python = Venv::install("python/venv", &tests("requirements.txt"))?;
    install_wheel(&python, &wheel)?;
    run(program(&python, "ruff").args(["check", "--quiet"]))?;
    run(program(&python, "ruff").args(["format", "--quiet", "--check"]))?;
    run(program(&python, "pyright")
        .arg("--pythonpath")
        .arg(python.path("python")))?;
    run(pytest(&python).arg("tests"))?;
    let old = Venv::install("python/venv-old", &tests("requirements-old.txt"))?;
    install_wheel(&old, &wheel)?;
    run(pytest(&old).args(["tests/sqlalchemy", "tests/tortoise", "tests/aerich"]))
}

/// Runs the suites that SQLAlchemy and Alembic have for dialects, and Tortoise's own tests.
pub fn suites() -> Result<()> {
    let wheel = build_wheel("dev")?;
    let python = Venv::install("python/venv", &tests("requirements.txt"))?;
    install_wheel(&python, &wheel)?;
    run(program(&python, "python").arg("tests/compliance/run.py"))?;
    let old = Venv::install("python/venv-old", &tests("requirements-old.txt"))?;
    install_wheel(&old, &wheel)?;
    run(program(&old, "python").args(["tests/compliance/run.py", "--driver", "psycopg"]))?;
    let tortoise = tests("compliance/tortoise/requirements.txt");
    let tortoise = Venv::install("python/venv-tortoise", &tortoise)?;
    install_wheel(&tortoise, &wheel)?;
    run(program(&tortoise, "python").arg("tests/compliance/tortoise/run.py"))
}

/// Measures against the adapters that there are, in release, on one local cluster.
pub fn compare() -> Result<()> {
    let bench = root().join("bench/python");
    let ours = Venv::install("python/bench-ours", &bench.join("ours.txt"))?;
    install_wheel(&ours, &build_wheel("release")?)?;
    let theirs = Venv::install("python/bench-theirs", &bench.join("theirs.txt"))?;
    run(&mut cargo(&[
        "build",
        "--quiet",
        "--release",
        "--package",
        "dsql-cli",
    ]))?;
    let mut compare = Command::new(target().join("release/dsql"));
    compare
        .args([
            "local",
            "--auth",
            "trust",
            "--schema-conflicts",
            "off",
            "--",
        ])
        .arg(ours.path("python"))
        .arg(bench.join("compare.py"))
        .args([ours.path("python"), theirs.path("python")])
        .env("PYTHONDONTWRITEBYTECODE", "1");
    run(&mut compare)
}

/// As a user would.
fn install_wheel(python: &Venv, wheel: &Path) -> Result<()> {
    run(python.pip().arg("--force-reinstall").arg(wheel))
}

fn pytest(python: &Venv) -> Command {
    let mut pytest = program(python, "python");
    pytest
        .args(["-m", "pytest", "--quiet", "--no-header"])
        .args(["-p", "no:cacheprovider"]);
    pytest
}

/// A program of the environment, in the folder of the package.
fn program(python: &Venv, name: &str) -> Command {
    let mut program = python.program(name);
    program
        .current_dir(root().join(PACKAGE))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    program
}

/// Builds the wheel of the working copy. Its target folder is its own: built alone, crates have fewer features than with
/// the workspace.
fn build_wheel(profile: &str) -> Result<PathBuf> {
    let maturin = Venv::install("python/maturin", &root().join(PACKAGE).join("build.txt"))?;
    let wheels = target().join("python/wheels");
    if wheels.exists() {
        fs::remove_dir_all(&wheels)?;
    }
    run(program(&maturin, "maturin")
        .args(["build", "--quiet", "--profile", profile, "--out"])
        .arg(&wheels)
        .arg("--target-dir")
        .arg(target().join("python/target")))?;
    let built = fs::read_dir(&wheels).context("maturin has built no wheel")?;
    let built: Vec<_> = built.collect::<Result<_, _>>()?;
    match built.as_slice() {
        [wheel] => Ok(wheel.path()),
        _ => bail!("maturin has built {} wheels", built.len()),
    }
}

fn tests(file: &str) -> PathBuf {
    root().join(PACKAGE).join("tests").join(file)
}
