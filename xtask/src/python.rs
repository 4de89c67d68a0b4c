//! The Python packages: built as a wheel, installed as a user would, tested. What that needs is installed below
//! `target`, pinned, once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::root;
use crate::step::run;

/// The package, from the root.
const PACKAGE: &str = "crates/dsql-python";

/// Lints, checks the types and tests.
pub fn check() -> Result<()> {
    let python = install()?;
    let package = root().join(PACKAGE);
    run(python
        .program("ruff")
        .args(["check", "--quiet"])
        .current_dir(&package))?;
    run(python
        .program("ruff")
        .args(["format", "--quiet", "--check"])
        .current_dir(&package))?;
    let interpreter = python.folder.join("bin/python");
    run(python
        .program("pyright")
        .args(["--pythonpath"])
        .arg(interpreter)
        .current_dir(&package))?;
    run(python
        .program("python")
        .args([
            "-m",
            "pytest",
            "--quiet",
            "--no-header",
            "-p",
            "no:cacheprovider",
        ])
        .arg("tests")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(&package))
}

/// A virtual environment in which the wheel is installed.
struct Python {
    folder: PathBuf,
}

impl Python {
    fn program(&self, name: &str) -> Command {
        Command::new(self.folder.join("bin").join(name))
    }
}

/// The environment, with what `tests/requirements.txt` names and the wheel of the working copy.
fn install() -> Result<Python> {
    let python = Python {
        folder: target().join("python/venv"),
    };
    let requirements = root().join(PACKAGE).join("tests/requirements.txt");
    let installed = python.folder.join("requirements.txt");
    if fs::read(&requirements).ok() != fs::read(&installed).ok() {
        let mut venv = Command::new("python3");
        run(venv.args(["-m", "venv", "--clear"]).arg(&python.folder))?;
        run(python
            .program("python")
            .args(["-m", "pip", "install", "--quiet", "--no-deps"])
            .args(["--disable-pip-version-check", "--requirement"])
            .arg(&requirements))?;
        fs::copy(&requirements, &installed)?;
    }
    let wheel = build(&python)?;
    run(python
        .program("python")
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--force-reinstall",
        ])
        .arg("--disable-pip-version-check")
        .arg(wheel))?;
    Ok(python)
}

/// Builds the wheel. Its target folder is its own: built alone, crates have fewer features than with the workspace.
fn build(python: &Python) -> Result<PathBuf> {
    let wheels = target().join("python/wheels");
    if wheels.exists() {
        fs::remove_dir_all(&wheels)?;
    }
    run(python
        .program("maturin")
        .args(["build", "--quiet", "--profile", "dev", "--out"])
        .arg(&wheels)
        .arg("--target-dir")
        .arg(target().join("python/target"))
        .arg("--manifest-path")
        .arg(root().join(PACKAGE).join("Cargo.toml")))?;
    let built = fs::read_dir(&wheels).context("maturin has built no wheel")?;
    let built: Vec<_> = built.collect::<Result<_, _>>()?;
    match built.as_slice() {
        [wheel] => Ok(wheel.path()),
        _ => bail!("maturin has built {} wheels", built.len()),
    }
}

fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(
        || root().join("target"),
        |target| Path::new(&target).to_owned(),
    )
}
