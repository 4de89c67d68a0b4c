//! The template: a data directory made once, from which every new one is copied.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use super::find::Binaries;
use super::user::ServerUser;
use super::{Bootstrap, SUPERUSER};
use crate::{Error, cache};

/// Changes whenever a template of an earlier build must not be used any more.
const LAYOUT: u32 = 2;

/// The services of `initdb` that we ask for. Part of the key.
const INITDB: &[&str] = &[
    "--username",
    SUPERUSER,
    "--encoding",
    "UTF8",
    "--no-locale",
    "--auth-local",
    "trust",
    "--auth-host",
    "reject",
    "--no-sync",
    "--no-instructions",
    "--wal-segsize",
    "1",
];

/// Statements that make the copy small. The service has one database and no templates, and copying the two would
/// be most of the work of a start.
const SHRINK: &str = "UPDATE pg_database SET datistemplate = false;\n\n\
                      DROP DATABASE template0;\n\n\
                      DROP DATABASE template1;\n\n";

/// A template that nobody used for so long is removed when another one is made.
const KEPT_UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Fills `target`, which does not exist yet, with a new data directory.
///
/// With a cache it is a copy of the template, which the first caller makes; without, it is made from nothing.
pub(crate) fn instantiate(
    target: &Path,
    cache_folder: Option<&Path>,
    binaries: &Binaries,
    user: &ServerUser,
    bootstrap: Option<&Bootstrap>,
) -> Result<(), Error> {
    let cached = cache_folder.and_then(|folder| match cached(folder, binaries, user, bootstrap) {
        Ok(template) => Some(Ok(template)),
        // A cache that cannot be written to costs time, not the start.
        Err(error @ Error::Io { .. }) => {
            tracing::warn!(%error, "the template data directory could not be kept in the cache");
            None
        }
        Err(error) => Some(Err(error)),
    });
    match cached {
        Some(template) => {
            let template = template?;
            copy(&template, target, user)
                .map_err(Error::io(|| format!("copying {template:?} to {target:?}")))
        }
        None => make(target, binaries, user, bootstrap),
    }
}

/// The template of this PostgreSQL and bootstrap, made if it is not there.
fn cached(
    folder: &Path,
    binaries: &Binaries,
    user: &ServerUser,
    bootstrap: Option<&Bootstrap>,
) -> Result<PathBuf, Error> {
    let io = |action: &'static str| Error::io(move || format!("{action} in the cache {folder:?}"));
    let key = key(binaries, user, bootstrap);
    let template = folder.join(format!(
        "template-{}-{key:016x}",
        binaries.version().number()
    ));
    if use_now(&template) {
        return Ok(template);
    }
    cache::make_shared(folder).map_err(io("making a folder"))?;
    let _lock =
        cache::lock(&folder.join(format!("template-{key:016x}.lock"))).map_err(io("locking"))?;
    if use_now(&template) {
        return Ok(template);
    }
    sweep(folder);
    let workshop = tempfile::Builder::new()
        .prefix(".making-")
        .tempdir_in(folder)
        .map_err(io("making a folder"))?;
    fs::set_permissions(workshop.path(), fs::Permissions::from_mode(0o755))
        .map_err(io("opening a folder"))?;
    user.own(workshop.path())
        .map_err(io("giving a folder to PostgreSQL's user"))?;
    let data = workshop.path().join("data");
    make(&data, binaries, user, bootstrap)?;
    // Whole or not at all: readers look without the lock.
    fs::rename(&data, &template).map_err(io("keeping a template"))?;
    Ok(template)
}

/// Whether the template is there; if so it counts as used now.
fn use_now(template: &Path) -> bool {
    let Ok(folder) = File::open(template) else {
        return false;
    };
    let _ = folder.set_modified(SystemTime::now());
    true
}

/// Removes what has not been used for long, and what makers that were killed left behind.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kept = if name.starts_with("template-") {
            KEPT_UNUSED
        } else if name.starts_with(".making-") {
            Duration::from_secs(24 * 60 * 60)
        } else {
            continue;
        };
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        if modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > kept)) {
            let path = entry.path();
            let _ = if path.is_dir() {
                fs::remove_dir_all(path)
            } else {
                fs::remove_file(path)
            };
        }
    }
}

/// Makes a data directory from nothing: initdb, then the bootstrap.
fn make(
    data: &Path,
    binaries: &Binaries,
    user: &ServerUser,
    bootstrap: Option<&Bootstrap>,
) -> Result<(), Error> {
    let mut initdb = user.command(binaries.program("initdb"));
    initdb.args(INITDB).arg("--pgdata").arg(data);
    let output = run(&mut initdb, "")?;
    if !output.status.success() {
        return Err(prepare("initdb", &output));
    }
    let sql = bootstrap.map_or_else(String::new, |bootstrap| one_message(bootstrap.sql));
    single_user(data, binaries, user, &format!("{SHRINK}{sql}"))?;
    let removing = || format!("removing spare files of {data:?}");
    drop_spare_wal(data).map_err(Error::io(removing))?;
    drop_maps(&data.join("base")).map_err(Error::io(removing))
}

/// Feeds a script to `postgres --single`. The first error ends it.
///
/// A server and a connection would do as well, but this needs neither a socket nor a wait, and is over in 30 ms.
fn single_user(
    data: &Path,
    binaries: &Binaries,
    user: &ServerUser,
    script: &str,
) -> Result<(), Error> {
    let mut postgres = user.command(binaries.program("postgres"));
    // -j: a statement ends with a semicolon and an empty line, not at each end of line.
    postgres.args(["--single", "-j", "-F"]);
    let settings = [
        "exit_on_error=on",
        "log_min_messages=error",
        "log_checkpoints=off",
        "min_wal_size=2MB",
    ];
    for setting in settings {
        postgres.arg("-c").arg(setting);
    }
    postgres.arg("-D").arg(data).arg("postgres");
    let output = run(&mut postgres, script)?;
    if output.status.success() {
        Ok(())
    } else {
        Err(prepare("postgres --single", &output))
    }
}

/// Makes a script one message to `postgres --single -j`, which would end it at a semicolon and an empty line:
/// a space on each such line, which only a string literal could tell.
fn one_message(sql: &str) -> String {
    let mut text = sql.replace("\r\n", "\n");
    while text.contains(";\n\n") {
        text = text.replace(";\n\n", ";\n \n");
    }
    text.push('\n');
    text
}

fn run(command: &mut Command, input: &str) -> Result<Output, Error> {
    let program = command.get_program().to_owned();
    let action = || format!("running {program:?}");
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(Error::io(action))?;
    let pipe = child.stdin.take();
    let input = input.to_owned();
    // From a thread: both sides may have more to say than a pipe holds. A program that ends early closes its end;
    // its exit status says why.
    let feeding = std::thread::spawn(move || pipe.map(|mut pipe| pipe.write_all(input.as_bytes())));
    let output = child.wait_with_output().map_err(Error::io(action))?;
    let _ = feeding.join();
    Ok(output)
}

fn prepare(program: &'static str, output: &Output) -> Error {
    let said = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy);
    let said = if said[1].trim().is_empty() {
        &said[0]
    } else {
        &said[1]
    };
    Error::Prepare {
        program,
        status: output.status.to_string(),
        output: super::tail(said),
    }
}

/// Keeps the WAL that the shutdown checkpoint is in, and drops the segments prepared for later.
fn drop_spare_wal(data: &Path) -> io::Result<()> {
    let mut segments: Vec<PathBuf> = fs::read_dir(data.join("pg_wal"))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.is_file())
        .collect();
    segments.sort();
    // The checkpoint begins in the oldest segment and ends at most one later.
    segments.iter().skip(2).try_for_each(fs::remove_file)
}

/// Drops the free space and visibility maps of the catalogs. PostgreSQL makes them again as it needs them, and making
/// files is most of the work of a copy.
fn drop_maps(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            drop_maps(&entry.path())?;
        } else if let Some(name) = entry.file_name().to_str()
            && (name.ends_with("_fsm") || name.ends_with("_vm"))
        {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Copies a data directory. The system shares the blocks where its file system can (reflink, clone).
fn copy(from: &Path, to: &Path, user: &ServerUser) -> io::Result<()> {
    fs::create_dir(to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o700))?;
    user.own(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target, user)?;
        } else {
            fs::copy(entry.path(), &target)?;
            user.own(&target)?;
        }
    }
    Ok(())
}

/// What makes one template differ from another.
fn key(binaries: &Binaries, user: &ServerUser, bootstrap: Option<&Bootstrap>) -> u64 {
    let mut parts = vec![
        LAYOUT.to_string(),
        binaries.version().line().to_owned(),
        user.name.clone(),
    ];
    parts.push(binaries.folder().to_string_lossy().into_owned());
    parts.extend(INITDB.iter().map(|&option| option.to_owned()));
    parts.push(SHRINK.to_owned());
    parts.extend(bootstrap.map(Bootstrap::fingerprint));
    super::fingerprint(parts.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bootstrap_with_empty_lines_in_a_function_body_stays_one_message() {
        let sql = "CREATE FUNCTION f() AS $$ BEGIN\n  x;\n\n\n  y;\r\n\r\nEND $$;\n\nSELECT 1;\n\n";
        let message = one_message(sql);
        assert!(!message.contains(";\n\n"), "{message:?}");
        let words = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(words(&message), words(sql));
    }

    #[test]
    fn old_templates_are_swept_and_other_files_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let long_ago = SystemTime::now() - Duration::from_secs(40 * 24 * 60 * 60);
        for name in [
            "template-15.1-00",
            "template-15.2-00",
            ".making-x",
            "postgresql",
        ] {
            let path = folder.path().join(name);
            fs::create_dir(&path).unwrap();
            if name != "template-15.2-00" {
                File::open(path).unwrap().set_modified(long_ago).unwrap();
            }
        }
        sweep(folder.path());
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["postgresql", "template-15.2-00"]);
    }
}
