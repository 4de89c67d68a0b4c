//! Virtual environments of Python, below `target`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::step::run;
use crate::target;

/// A virtual environment.
pub struct Venv {
    folder: PathBuf,
}

impl Venv {
    /// The one of this name below `target`, with what the file names and nothing else. Made anew when the file changes.
    pub fn install(name: &str, requirements: &Path) -> Result<Self> {
        let venv = Self {
            folder: target().join(name),
        };
        let installed = venv.folder.join("requirements.txt");
        if fs::read(requirements).ok() != fs::read(&installed).ok() {
            let mut python = Command::new("python3");
            run(python.args(["-m", "venv", "--clear"]).arg(&venv.folder))?;
            run(venv.pip().arg("--requirement").arg(requirements))?;
            fs::copy(requirements, &installed)?;
        }
        Ok(venv)
    }

    /// `pip install`, of what follows alone.
    pub fn pip(&self) -> Command {
        let mut pip = self.program("python");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps"])
            .arg("--disable-pip-version-check");
        pip
    }

    /// A program of the environment.
    pub fn program(&self, name: &str) -> Command {
        Command::new(self.path(name))
    }

    /// Where such a program is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }
}
