//! The Python packages: built as a wheel, installed as a user would, tested. What that needs is installed below
//! `target`, pinned, once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::root;
use crate::step::{cargo, run};

/// The package, from the root.
const PACKAGE: &str = "crates/dsql-python";

/// Lints, checks the types and tests.
pub fn check() -> Result<()> {
    let requirements = root().join(PACKAGE).join("tests/requirements.txt");
    let python = Python::install("python/venv", &requirements)?;
    python.install_wheel("dev")?;
    let package = root().join(PACKAGE);
    run(python
        .program("ruff")
        .args(["check", "--quiet"])
        .current_dir(&package))?;
    run(python
        .program("ruff")
        .args(["format", "--quiet", "--check"])
        .current_dir(&package))?;
    run(python
        .program("pyright")
        .args(["--pythonpath"])
        .arg(python.path("python"))
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

/// Measures against the adapters that there are, in release, on one local cluster.
pub fn compare() -> Result<()> {
    let bench = root().join("bench/python");
    let ours = Python::install("python/bench-ours", &bench.join("ours.txt"))?;
    ours.install_wheel("release")?;
    let theirs = Python::install("python/bench-theirs", &bench.join("theirs.txt"))?;
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

/// A virtual environment.
struct Python {
    folder: PathBuf,
}

impl Python {
    /// The one of this name below `target`, with what the file names.
    fn install(name: &str, requirements: &Path) -> Result<Self> {
        let python = Self {
            folder: target().join(name),
        };
        let installed = python.folder.join("requirements.txt");
        if fs::read(requirements).ok() != fs::read(&installed).ok() {
            let mut venv = Command::new("python3");
            run(venv.args(["-m", "venv", "--clear"]).arg(&python.folder))?;
            run(python.pip().arg("--requirement").arg(requirements))?;
            fs::copy(requirements, &installed)?;
        }
        Ok(python)
    }

    /// Builds the wheel of the working copy, and installs it as a user would. Its target folder is its own: built alone,
    /// crates have fewer features than with the workspace.
    fn install_wheel(&self, profile: &str) -> Result<()> {
        let wheels = target().join("python/wheels");
        if wheels.exists() {
            fs::remove_dir_all(&wheels)?;
        }
        run(self
            .program("maturin")
            .args(["build", "--quiet", "--profile", profile, "--out"])
            .arg(&wheels)
            .arg("--target-dir")
            .arg(target().join("python/target"))
            .arg("--manifest-path")
            .arg(root().join(PACKAGE).join("Cargo.toml")))?;
        let built = fs::read_dir(&wheels).context("maturin has built no wheel")?;
        let built: Vec<_> = built.collect::<Result<_, _>>()?;
        let [wheel] = built.as_slice() else {
            bail!("maturin has built {} wheels", built.len());
        };
        run(self.pip().arg("--force-reinstall").arg(wheel.path()))
    }

    fn pip(&self) -> Command {
        let mut pip = self.program("python");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps"])
            .arg("--disable-pip-version-check");
        pip
    }

    fn program(&self, name: &str) -> Command {
        Command::new(self.path(name))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }
}

fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into)
}
