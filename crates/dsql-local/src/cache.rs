//! The folder that keeps what is worth keeping between runs: template data directories and a fetched PostgreSQL.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::postgres::user::ServerUser;

/// `dsql` in the user's cache: `$XDG_CACHE_HOME` or `~/.cache`, on macOS `~/Library/Caches`.
///
/// Root's own cache is closed to the unprivileged user that runs PostgreSQL, so root gets `/var/cache` unless
/// `XDG_CACHE_HOME` names a folder that this user can enter.
///
/// `None` when there is no such folder and none can be made: then every start pays for a fresh `initdb`.
pub(crate) fn folder(user: &ServerUser) -> Option<PathBuf> {
    let folder = locate(user, |name| std::env::var_os(name))?.join("dsql");
    make_shared(&folder).ok()?;
    user.barred_at(&folder).is_none().then_some(folder)
}

/// Makes a folder that everyone may enter and only its owner may change.
pub(crate) fn make_shared(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

/// Holds a lock file of the cache, waiting for whoever has it: makers of one thing do so one after the other.
pub(crate) fn lock(path: &Path) -> io::Result<File> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    file.lock()?;
    Ok(file)
}

fn locate(user: &ServerUser, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    if let Some(path) = folder("XDG_CACHE_HOME").filter(|path| user.barred_at(path).is_none()) {
        return Some(path);
    }
    if user.switches() {
        return Some(PathBuf::from("/var/cache"));
    }
    let below_home = if cfg!(target_os = "macos") {
        "Library/Caches"
    } else {
        ".cache"
    };
    folder("HOME").map(|home| home.join(below_home))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_where_the_platform_keeps_caches() {
        let user = ServerUser::choose().unwrap();
        let xdg = tempfile::tempdir_in("/tmp").unwrap();
        fs::set_permissions(xdg.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let found = locate(&user, |name| {
            (name == "XDG_CACHE_HOME").then(|| xdg.path().into())
        });
        assert_eq!(found.as_deref(), Some(xdg.path()));
        let found = locate(&user, |name| (name == "HOME").then(|| "/home/ada".into())).unwrap();
        assert!(
            found == Path::new("/var/cache") || found.starts_with("/home/ada"),
            "{found:?}"
        );
    }

    #[test]
    fn a_relative_xdg_cache_home_is_ignored_as_its_specification_asks() {
        let user = ServerUser::choose().unwrap();
        let found = locate(&user, |name| {
            (name == "XDG_CACHE_HOME").then(|| "cache".into())
        });
        assert_ne!(found.as_deref(), Some(Path::new("cache")));
    }
}
