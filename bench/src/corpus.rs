//! The scripts of `corpus/`, by kind.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// A folder of `corpus/`: what one tool writes.
#[derive(Debug)]
pub struct Kind {
    pub name: String,
    pub scripts: Vec<String>,
}

impl Kind {
    pub fn bytes(&self) -> usize {
        self.scripts.iter().map(String::len).sum()
    }

    pub fn statements(&self) -> usize {
        self.scripts
            .iter()
            .map(|script| dsql_sql::split(script).count())
            .sum()
    }
}

/// All kinds, by name.
pub fn read() -> Result<Vec<Kind>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    let mut kinds = Vec::new();
    for folder in entries(&root)?.into_iter().filter(|path| path.is_dir()) {
        let mut scripts = Vec::new();
        read_folder(&folder, &mut scripts)?;
        let name = folder.file_name().unwrap_or_default();
        kinds.push(Kind {
            name: name.to_string_lossy().into_owned(),
            scripts,
        });
    }
    ensure!(!kinds.is_empty(), "{} holds no scripts", root.display());
    Ok(kinds)
}

fn read_folder(folder: &Path, scripts: &mut Vec<String>) -> Result<()> {
    for path in entries(folder)? {
        if path.is_dir() {
            read_folder(&path, scripts)?;
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            scripts.push(
                fs::read_to_string(&path)
                    .with_context(|| format!("{} cannot be read", path.display()))?,
            );
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .with_context(|| format!("{} cannot be listed", folder.display()))
        .map(|paths: Vec<PathBuf>| paths)?;
    paths.sort();
    Ok(paths)
}
