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

/// Lints, checks the types and tests, on the newest versions of what is adapted and on the oldest.
pub fn check() -> Result<()> {
    let wheel = build_wheel("dev")?;
    let python = Python::install("python/venv", &tests("requirements.txt"))?;
    python.install_wheel(&wheel)?;
    run(python.program("ruff").args(["check", "--quiet"]))?;
    run(python
        .program("ruff")
        .args(["format", "--quiet", "--check"]))?;
    run(python
        .program("pyright")
        .arg("--pythonpath")
        .arg(python.path("python")))?;
    run(python.pytest().arg("tests"))?;
    let old = Python::install("python/venv-old", &tests("requirements-old.txt"))?;
    old.install_wheel(&wheel)?;
    run(old.pytest().args(["tests/sqlalchemy", "tests/tortoise"]))
}

/// Runs the suites that SQLAlchemy and Alembic have for dialects, and Tortoise's own tests.
pub fn suites() -> Result<()> {
    let wheel = build_wheel("dev")?;
    let python = Python::install("python/venv", &tests("requirements.txt"))?;
    python.install_wheel(&wheel)?;
    run(python.program("python").arg("tests/compliance/run.py"))?;
    let old = Python::install("python/venv-old", &tests("requirements-old.txt"))?;
    old.install_wheel(&wheel)?;
    run(old
        .program("python")
        .args(["tests/compliance/run.py", "--driver", "psycopg"]))?;
    let tortoise = tests("compliance/tortoise/requirements.txt");
    let tortoise = Python::install("python/venv-tortoise", &tortoise)?;
    tortoise.install_wheel(&wheel)?;
    run(tortoise
        .program("python")
        .arg("tests/compliance/tortoise/run.py"))
}

/// Measures against the adapters that there are, in release, on one local cluster.
pub fn compare() -> Result<()> {
    let bench = root().join("bench/python");
    let ours = Python::install("python/bench-ours", &bench.join("ours.txt"))?;
    ours.install_wheel(&build_wheel("release")?)?;
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

    /// As a user would.
    fn install_wheel(&self, wheel: &Path) -> Result<()> {
        run(self.pip().arg("--force-reinstall").arg(wheel))
    }

    fn pytest(&self) -> Command {
        let mut pytest = self.program("python");
        pytest
            .args(["-m", "pytest", "--quiet", "--no-header"])
            .args(["-p", "no:cacheprovider"]);
        pytest
    }

    fn pip(&self) -> Command {
        let mut pip = self.program("python");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps"])
            .arg("--disable-pip-version-check");
        pip
    }

    /// A program of the environment, in the folder of the package.
    fn program(&self, name: &str) -> Command {
        let mut program = Command::new(self.path(name));
        program
            .current_dir(root().join(PACKAGE))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        program
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }
}

/// Builds the wheel of the working copy. Its target folder is its own: built alone, crates have fewer features than with
/// the workspace.
fn build_wheel(profile: &str) -> Result<PathBuf> {
    let maturin = Python::install("python/maturin", &root().join(PACKAGE).join("build.txt"))?;
    let wheels = target().join("python/wheels");
    if wheels.exists() {
        fs::remove_dir_all(&wheels)?;
    }
    run(maturin
        .program("maturin")
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

fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into)
}
