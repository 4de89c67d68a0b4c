//! The user that PostgreSQL runs as: ourselves, or an unprivileged one when we are root.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

/// The user that runs PostgreSQL and owns its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerUser {
    pub(crate) name: String,
    uid: u32,
    gid: u32,
    /// We are root, and become this user by changing the ids of our children.
    switches: bool,
}

impl ServerUser {
    /// Ourselves; or, when we are root (which PostgreSQL refuses to run as), `postgres`, else `nobody`.
    pub(crate) fn choose() -> Result<Self, Error> {
        let probe = tempfile::tempfile()
            .and_then(|file| file.metadata())
            .map_err(Error::io(
                || "making a temporary file to learn the running user",
            ))?;
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        Self::from_ids(probe.uid(), probe.gid(), &passwd)
    }

    fn from_ids(uid: u32, gid: u32, passwd: &str) -> Result<Self, Error> {
        if uid != 0 {
            let name = entries(passwd)
                .find(|entry| entry.uid == uid)
                .map_or_else(|| uid.to_string(), |entry| entry.name);
            return Ok(ServerUser {
                name,
                uid,
                gid,
                switches: false,
            });
        }
        ["postgres", "_postgres", "nobody"]
            .iter()
            .find_map(|name| entries(passwd).find(|entry| entry.name == *name && entry.uid != 0))
            .map(|entry| ServerUser {
                switches: true,
                ..entry
            })
            .ok_or(Error::NoUnprivilegedUser)
    }

    /// Makes a command run as this user, away from the caller's settings for PostgreSQL and its language.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            if name_text.starts_with("PG") || name_text.starts_with("LC_") || name_text == "LANG" {
                command.env_remove(name);
            }
        }
        command.env("LC_ALL", "C").env("TZ", "UTC").current_dir("/");
        if self.switches {
            // The standard library drops the supplementary groups of root along with it.
            command.gid(self.gid).uid(self.uid);
        }
        command
    }

    /// Gives a path to this user.
    pub(crate) fn own(&self, path: &Path) -> io::Result<()> {
        if self.switches {
            chown(path, Some(self.uid), Some(self.gid))
        } else {
            Ok(())
        }
    }

    /// Whether giving files to this user needs a call each.
    pub(crate) fn switches(&self) -> bool {
        self.switches
    }

    /// The nearest folder on the way to `path` which this user may not enter, if there is one.
    ///
    /// Only worth asking when we are root: otherwise we are this user and every call tells.
    pub(crate) fn barred_at(&self, path: &Path) -> Option<PathBuf> {
        if !self.switches {
            return None;
        }
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut ancestors: Vec<&Path> = path.ancestors().collect();
        ancestors.reverse();
        ancestors
            .into_iter()
            .find(|folder| {
                fs::metadata(folder)
                    .is_ok_and(|metadata| metadata.is_dir() && !self.has(&metadata, 0o1))
            })
            .map(Path::to_owned)
    }

    /// Whether this user may make files in a folder.
    pub(crate) fn may_write(&self, folder: &Path) -> bool {
        !self.switches || fs::metadata(folder).is_ok_and(|metadata| self.has(&metadata, 0o2))
    }

    /// Whether this user has a permission (1 enter or run, 2 write, 4 read), by the classic mode bits.
    fn has(&self, metadata: &Metadata, permission: u32) -> bool {
        let shift = if metadata.uid() == self.uid {
            6
        } else if metadata.gid() == self.gid {
            3
        } else {
            0
        };
        metadata.mode() & (permission << shift) != 0
    }
}

/// The users of an /etc/passwd text. Ids below zero (macOS has `nobody` as -2) wrap as the system does.
fn entries(passwd: &str) -> impl Iterator<Item = ServerUser> + '_ {
    passwd.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let mut id = || fields.next().and_then(parse_id);
        let _password = id();
        let (uid, gid) = (id()?, id()?);
        Some(ServerUser {
            name,
            uid,
            gid,
            switches: false,
        })
    })
}

fn parse_id(text: &str) -> Option<u32> {
    let id: i64 = text.parse().ok()?;
    u32::try_from(id)
        .ok()
        .or_else(|| i32::try_from(id).ok().map(i32::cast_unsigned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n# a comment\nnobody:*:-2:-2:Nobody:/:/bin/false\n\
                          ada:x:1000:1000::/home/ada:/bin/sh\n";

    #[test]
    fn root_runs_postgresql_as_postgres_and_else_as_nobody() {
        let with_postgres = format!("{PASSWD}postgres:x:101:104::/var/lib/postgresql:/bin/bash\n");
        let user = ServerUser::from_ids(0, 0, &with_postgres).unwrap();
        assert_eq!(
            (user.name.as_str(), user.uid, user.gid, user.switches),
            ("postgres", 101, 104, true)
        );
        let user = ServerUser::from_ids(0, 0, PASSWD).unwrap();
        assert_eq!((user.name.as_str(), user.uid), ("nobody", 4_294_967_294));
    }

    #[test]
    fn root_without_an_unprivileged_user_is_told_what_to_add() {
        let error = ServerUser::from_ids(0, 0, "root:x:0:0::/root:/bin/sh\n").unwrap_err();
        assert!(error.to_string().contains("useradd"), "{error}");
    }

    #[test]
    fn anyone_else_runs_postgresql_as_themselves() {
        let user = ServerUser::from_ids(1000, 1000, PASSWD).unwrap();
        assert_eq!((user.name.as_str(), user.switches), ("ada", false));
        let user = ServerUser::from_ids(4242, 1, PASSWD).unwrap();
        assert_eq!(
            user.name, "4242",
            "a user that is not listed goes by its number"
        );
    }

    #[test]
    fn a_private_folder_on_the_way_bars_another_user() {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let stranger = ServerUser {
            name: "stranger".into(),
            uid: 54_321,
            gid: 54_321,
            switches: true,
        };
        let private = folder.path().canonicalize().unwrap();
        fs::set_permissions(&private, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(
            stranger.barred_at(&private.join("data")),
            Some(private.clone())
        );
        fs::set_permissions(&private, fs::Permissions::from_mode(0o711)).unwrap();
        assert_eq!(stranger.barred_at(&private), None);
        assert!(!stranger.may_write(&private));
    }
}
