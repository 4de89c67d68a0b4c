//! libclang, with which libpg_query's header is read while it is built.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::root;

/// The wheel that is installed where the machine has no libclang.
const WHEEL: &str = "libclang==18.1.1";

/// Variables with which a build finds libclang: none where it does so by
/// itself. A libclang of its own is installed below `target` where there is
/// none.
pub fn variables() -> Result<Vec<(&'static str, OsString)>> {
    if env::var_os("LIBCLANG_PATH").is_some() || is_installed() {
        return Ok(Vec::new());
    }
    let folder = root().join("target/libclang");
    let library = folder.join("clang/native");
    if !library.join("libclang.so").exists() {
        install(&folder)?;
    }
    // The wheel has the library only; the compiler's own headers are as good.
    let headers = Command::new("cc")
        .arg("-print-file-name=include")
        .output()
        .context("cc, the C compiler")?;
    let headers = String::from_utf8_lossy(&headers.stdout).trim().to_owned();
    Ok(vec![
        ("LIBCLANG_PATH", library.into_os_string()),
        ("BINDGEN_EXTRA_CLANG_ARGS", format!("-I{headers}").into()),
    ])
}

/// Where distributions put it.
fn is_installed() -> bool {
    let mut folders = vec![
        PathBuf::from("/usr/lib"),
        PathBuf::from("/usr/lib64"),
        PathBuf::from("/usr/local/lib"),
        PathBuf::from(format!("/usr/lib/{}-linux-gnu", env::consts::ARCH)),
    ];
    folders.extend(
        entries(Path::new("/usr/lib"))
            .filter(|path| name_begins(path, "llvm"))
            .map(|path| path.join("lib")),
    );
    folders
        .iter()
        .flat_map(|folder| entries(folder))
        .any(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            (name.starts_with("libclang.so") || name.starts_with("libclang-"))
                && name.contains(".so")
                && !name.contains("cpp")
        })
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path())
}

fn name_begins(path: &Path, with: &str) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(with))
}

fn install(folder: &Path) -> Result<()> {
    let status = Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"])
        .args(["--disable-pip-version-check", "--root-user-action=ignore"])
        .arg("--target")
        .arg(folder)
        .arg(WHEEL)
        .stdin(Stdio::null())
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        answer => bail!(
            "libclang is needed to build libpg_query, and there is none: `pip install {WHEEL}` \
             could not fetch it either ({}). Install libclang, such as Debian's libclang-dev, or \
             name its folder in LIBCLANG_PATH",
            match answer {
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            }
        ),
    }
}
