//! A data directory that outlives its cluster: what `--data DIR` names.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::Bootstrap;
use super::find::Version;
use super::process::{is_alive, is_postgres_in};
use super::user::ServerUser;
use crate::Error;

/// Changes when what is in the folder changes in a way that an earlier build would not understand.
const LAYOUT: u32 = 1;

const MARKER: &str = "dsql-local";
const LOCK: &str = "lock";
const DATA: &str = "postgres";
const UNFINISHED: &str = "postgres.new";

/// How long to wait for a cluster that is just stopping.
const PATIENCE: Duration = Duration::from_secs(15);

/// A folder that is ours and locked.
#[derive(Debug)]
pub(crate) struct Kept {
    folder: PathBuf,
    lock: File,
    /// `None` as long as it is empty.
    contents: Option<Contents>,
}

/// What the marker file tells of a filled folder.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Contents {
    major: u32,
    bootstrap: String,
}

impl Kept {
    /// Makes the folder if it is absent, and takes it if it is ours or empty and nobody else has it.
    pub(crate) fn open(given: &Path, user: &ServerUser) -> Result<Self, Error> {
        let refuse = |reason: String, advice: &str| Error::DataDirectory {
            path: given.to_owned(),
            reason,
            advice: advice.to_owned(),
        };
        let system = |error: std::io::Error| {
            refuse(
                error.to_string(),
                "Name a folder that you may write to, or one that can be made",
            )
        };
        if !given.exists() {
            fs::create_dir_all(given).map_err(system)?;
            fs::set_permissions(given, fs::Permissions::from_mode(0o755)).map_err(system)?;
        }
        if !given.is_dir() {
            return Err(refuse(
                "it is not a folder".into(),
                "Name a folder, or a path that does not exist yet",
            ));
        }
        let folder = given.canonicalize().map_err(system)?;
        if let Some(barrier) = user.barred_at(&folder) {
            return Err(refuse(
                format!(
                    "the user `{}`, which runs PostgreSQL because root may not, cannot enter {}",
                    user.name,
                    barrier.display()
                ),
                "Name a folder elsewhere (for example below /var/lib), or let others enter that one with `chmod o+x`",
            ));
        }
        if !folder.join(MARKER).exists() {
            let foreign = fs::read_dir(&folder)
                .map_err(system)?
                .flatten()
                .find(|entry| {
                    let name = entry.file_name();
                    ![LOCK, UNFINISHED, "lost+found"]
                        .iter()
                        .any(|ours| name == *ours)
                });
            if let Some(entry) = foreign {
                return Err(refuse(
                    format!(
                        "it was not made by `dsql local` and is not empty (it holds {:?})",
                        entry.file_name()
                    ),
                    "Name a new or an empty folder. Nothing in this one was changed",
                ));
            }
        }
        let lock = take(&folder.join(LOCK), PATIENCE).map_err(|taken| match taken {
            Taken::By(Some(pid)) => refuse(
                format!("another local cluster is running on it (process {pid})"),
                "Use that cluster, stop it first, or name another folder",
            ),
            Taken::By(None) => refuse(
                "the PostgreSQL of an earlier local cluster is still running on it".into(),
                "Wait until it has stopped, or end it by hand: its process number is the first line of \
                 postgres/postmaster.pid in the folder",
            ),
            Taken::Failed(error) => system(error),
        })?;
        let contents = match fs::read_to_string(folder.join(MARKER)) {
            Ok(text) => Some(Contents::parse(&text).ok_or_else(|| {
                refuse(
                    "it was made by another version of `dsql local`, whose layout this one does not know".into(),
                    "Use the version that made it, or name a new folder",
                )
            })?),
            Err(_) => None,
        };
        Ok(Kept {
            folder,
            lock,
            contents,
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The data directory of PostgreSQL.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join(DATA)
    }

    /// A handle on the lock, for the keeper to hold.
    pub(crate) fn lock(&self) -> Result<File, Error> {
        self.lock.try_clone().map_err(Error::io(|| {
            format!("sharing the lock of {:?}", self.folder)
        }))
    }

    /// The major version of the PostgreSQL that the data belong to.
    pub(crate) fn major(&self) -> Option<u32> {
        self.contents.as_ref().map(|contents| contents.major)
    }

    /// Fills an empty folder through `instantiate`, or makes sure that what is there fits.
    pub(crate) fn prepare(
        &self,
        user: &ServerUser,
        version: &Version,
        bootstrap: Option<&Bootstrap>,
        instantiate: impl FnOnce(&Path) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let wanted = Contents {
            major: version.major(),
            bootstrap: bootstrap
                .map(|bootstrap| bootstrap.version.to_owned())
                .unwrap_or_default(),
        };
        if let Some(contents) = &self.contents {
            if *contents != wanted {
                return Err(Error::DataDirectory {
                    path: self.folder.clone(),
                    reason: format!(
                        "it was made by another version of `dsql local` (its helper objects are version {:?}, this \
                         one needs {:?})",
                        contents.bootstrap, wanted.bootstrap
                    ),
                    advice: "Use the version that made it, or name a new folder and fill it again"
                        .into(),
                });
            }
            return self.clear_stale_pid_file();
        }
        let io = |action: &'static str| Error::io(move || format!("{action} in {:?}", self.folder));
        // PostgreSQL's user may not write into this folder, only into its own below it.
        let unfinished = self.folder.join(UNFINISHED);
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(io("removing an unfinished data directory"))?;
        }
        fs::create_dir(&unfinished).map_err(io("making a folder"))?;
        fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o755))
            .map_err(io("opening a folder"))?;
        user.own(&unfinished)
            .map_err(io("giving a folder to PostgreSQL's user"))?;
        let data = unfinished.join(DATA);
        instantiate(&data)?;
        fs::rename(&data, self.data()).map_err(io("keeping the data directory"))?;
        fs::remove_dir(&unfinished).map_err(io("removing a folder"))?;
        fs::write(self.folder.join(MARKER), wanted.text()).map_err(io("writing the marker file"))
    }

    /// After a kill PostgreSQL's own lock file names a process that has gone, and whose number may be another's by now.
    ///
    /// We hold the folder's lock, so no keeper of ours has a server on it; only one started by hand could be left.
    fn clear_stale_pid_file(&self) -> Result<(), Error> {
        let file = self.data().join("postmaster.pid");
        let Ok(text) = fs::read_to_string(&file) else {
            return Ok(());
        };
        let pid: Option<u32> = text
            .lines()
            .next()
            .and_then(|line| line.trim().parse().ok());
        if let Some(pid) = pid
            && is_postgres_in(pid, &self.data())
        {
            return Err(Error::DataDirectory {
                path: self.folder.clone(),
                reason: format!(
                    "a PostgreSQL that `dsql local` did not start is running on it (process {pid})"
                ),
                advice: format!("Stop it first: `kill -INT {pid}`"),
            });
        }
        if Path::new("/proc/self").exists() {
            fs::remove_file(&file).map_err(Error::io(|| format!("removing the stale {file:?}")))?;
        }
        Ok(())
    }
}

impl Contents {
    fn text(&self) -> String {
        let Contents { major, bootstrap } = self;
        format!(
            "This folder belongs to `dsql local`.\nlayout {LAYOUT}\npostgresql {major}\nbootstrap {bootstrap}\n"
        )
    }

    fn parse(text: &str) -> Option<Self> {
        let value = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
        };
        if value("layout ")?.parse() != Ok(LAYOUT) {
            return None;
        }
        Some(Contents {
            major: value("postgresql ")?.parse().ok()?,
            bootstrap: value("bootstrap")?.to_owned(),
        })
    }
}

enum Taken {
    /// By this living process, or by what a dead one left behind.
    By(Option<u32>),
    Failed(std::io::Error),
}

/// Takes the lock. Who holds it while we, or a process that has ended, are its owner is a keeper that is just
/// stopping: that is waited for.
fn take(path: &Path, patience: Duration) -> Result<File, Taken> {
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .map_err(Taken::Failed)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(fs::TryLockError::Error(error)) => return Err(Taken::Failed(error)),
            Err(fs::TryLockError::WouldBlock) => {
                let mut text = String::new();
                let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
                let owner: Option<u32> = read
                    .ok()
                    .and_then(|_| text.lines().next().and_then(|line| line.parse().ok()));
                let living = owner.filter(|pid| is_alive(*pid));
                if living.is_some_and(|pid| pid != std::process::id()) || began.elapsed() > patience
                {
                    return Err(Taken::By(living));
                }
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
    let write = |file: &mut File| {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    write(&mut file).map_err(Taken::Failed)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> ServerUser {
        ServerUser::choose().unwrap()
    }

    fn open_to_all() -> tempfile::TempDir {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    #[test]
    fn a_folder_with_other_files_is_refused_and_left_alone() {
        let folder = open_to_all();
        fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
        let error = Kept::open(folder.path(), &user()).unwrap_err().to_string();
        assert!(
            error.contains("thesis.txt") && error.contains("not made by `dsql local`"),
            "{error}"
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_is_no_folder() {
        let folder = open_to_all();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = Kept::open(&file, &user()).unwrap_err().to_string();
        assert!(error.contains("it is not a folder"), "{error}");
    }

    #[test]
    fn a_folder_of_a_later_layout_is_refused() {
        let folder = open_to_all();
        fs::write(
            folder.path().join(MARKER),
            "layout 99\npostgresql 15\nbootstrap 1\n",
        )
        .unwrap();
        let error = Kept::open(folder.path(), &user()).unwrap_err().to_string();
        assert!(error.contains("another version of `dsql local`"), "{error}");
    }

    #[test]
    fn the_marker_reads_back_as_written() {
        let contents = Contents {
            major: 15,
            bootstrap: "7".into(),
        };
        assert_eq!(Contents::parse(&contents.text()), Some(contents));
        let without = Contents {
            major: 17,
            bootstrap: String::new(),
        };
        assert_eq!(Contents::parse(&without.text()), Some(without));
    }

    #[test]
    fn a_lock_held_by_a_living_process_is_refused_at_once_and_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(LOCK);
        let mut holder = File::create(&path).unwrap();
        holder.lock().unwrap();
        let parent = std::os::unix::process::parent_id();
        writeln!(holder, "{parent}").unwrap();
        let began = Instant::now();
        let Err(Taken::By(Some(pid))) = take(&path, PATIENCE) else {
            panic!("the lock was to be refused")
        };
        assert_eq!(pid, parent);
        assert!(began.elapsed() < PATIENCE);
    }

    #[test]
    fn a_lock_that_a_stopping_keeper_holds_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(LOCK);
        let mut holder = File::create(&path).unwrap();
        holder.lock().unwrap();
        writeln!(holder, "{}", std::process::id()).unwrap();
        let stopping = thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            drop(holder);
        });
        assert!(take(&path, PATIENCE).is_ok());
        stopping.join().unwrap();
    }
}
