//! The small shell that keeps PostgreSQL: it stops it and cleans up when we end, in whatever way.
//!
//! Our process holds the writing end of a pipe. The keeper reads the other end; when it closes, PostgreSQL goes. The
//! pipe exists before the keeper does and the keeper before PostgreSQL, so there is no moment at which killing us
//! leaves a server behind. The keeper has a process group of its own: Ctrl-C in a terminal reaches us, not it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::process;
use super::user::ServerUser;
use crate::Error;

const SCRIPT: &str = include_str!("keeper.sh");

/// How PostgreSQL is asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopMode {
    /// Connections are cut, everything is written out.
    Fast,
    /// Everything is dropped where it stands. What was committed survives, at the price of a recovery.
    Immediate,
}

impl StopMode {
    fn signal(self) -> &'static str {
        match self {
            StopMode::Fast => "INT",
            StopMode::Immediate => "QUIT",
        }
    }
}

/// A running keeper. Dropping it closes the pipe.
#[derive(Debug)]
pub(crate) struct Keeper {
    pipe: Mutex<Option<ChildStdin>>,
    /// The exit status of PostgreSQL once it is gone for good.
    exited: watch::Receiver<Option<String>>,
    /// Set when the run folder is removed, to what there is to say when PostgreSQL's end was not seen.
    removed: watch::Receiver<Option<String>>,
}

impl Keeper {
    /// Starts a keeper, which makes the folder `run` and removes it at the end. `lock` stays locked until PostgreSQL has gone.
    pub(crate) fn start(
        user: &ServerUser,
        run: &Path,
        data: &Path,
        at_end: StopMode,
        log: &Path,
        lock: Stdio,
        postgres: &Command,
    ) -> Result<Self, Error> {
        let mut command = user.command("/bin/sh");
        command.arg("-c").arg(SCRIPT).arg("dsql-keeper");
        command.arg(run).arg(at_end.signal()).arg(log);
        command
            .arg(postgres.get_program())
            .args(postgres.get_args());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(lock)
            .process_group(0);
        let started = || "starting /bin/sh to keep PostgreSQL";
        let mut child = command.spawn().map_err(Error::io(started))?;
        let pipe = child.stdin.take();
        let (told, exited) = watch::channel(None);
        let (done, removed) = watch::channel(None);
        let mut status = child.stdout.take().map(BufReader::new);
        let mut made = String::new();
        if let Some(status) = &mut status {
            status.read_line(&mut made).map_err(Error::io(started))?;
        }
        if made.trim() != "made" {
            let ended = child.wait().map_err(Error::io(started))?;
            let error = std::io::Error::other(format!("its keeper ended with {ended}"));
            return Err(Error::io(|| format!("making the folder {run:?}"))(error));
        }
        let (run, data) = (run.to_owned(), data.to_owned());
        // Threads and no tasks: the keeper must be waited for even when the runtime has ended.
        thread(move || {
            let ended = child.wait();
            if run.exists() {
                stand_in(&run, &data, at_end);
            }
            let ended = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
            done.send_replace(Some(format!("unknown (its keeper ended with {ended})")));
        })?;
        thread(move || {
            let mut text = String::new();
            let read = status.map(|mut status| status.read_to_string(&mut text));
            // Nothing is said when the keeper is killed: then the other thread has more to tell.
            if matches!(read, Some(Ok(_))) && !text.trim().is_empty() {
                told.send_replace(Some(text.trim().to_owned()));
            }
        })?;
        Ok(Keeper {
            pipe: Mutex::new(pipe),
            exited,
            removed,
        })
    }

    /// Lets PostgreSQL start.
    pub(crate) fn go(&self) {
        if let Some(pipe) = &mut *self.pipe() {
            // A keeper that is gone is noticed by whoever waits for PostgreSQL.
            let _ = pipe.write_all(b"go\n");
        }
    }

    /// The exit status of PostgreSQL once it is gone for good.
    pub(crate) fn exit_status(&self) -> Option<String> {
        let seen = self.exited.borrow().clone();
        seen.or_else(|| self.removed.borrow().clone())
    }

    /// Ends when PostgreSQL is gone for good, with its exit status.
    pub(crate) fn exited(&self) -> impl Future<Output = String> + Send + 'static {
        let (mut exited, mut removed) = (self.exited.clone(), self.removed.clone());
        async move {
            let status = tokio::select! {
                biased;
                Ok(status) = exited.wait_for(Option::is_some) => status.clone(),
                Ok(status) = removed.wait_for(Option::is_some) => status.clone(),
                else => None,
            };
            status.unwrap_or_default()
        }
    }

    /// Asks PostgreSQL to stop. Only the first request counts.
    pub(crate) fn request_stop(&self, mode: StopMode) {
        if let Some(mut pipe) = self.pipe().take() {
            // When the keeper is gone there is nobody to ask and nothing to stop.
            let _ = writeln!(pipe, "{}", mode.signal());
        }
    }

    /// Ends when PostgreSQL is gone and the run folder removed.
    pub(crate) fn done(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut removed = self.removed.clone();
        async move {
            let _ = removed.wait_for(Option::is_some).await;
        }
    }

    fn pipe(&self) -> MutexGuard<'_, Option<ChildStdin>> {
        self.pipe.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn thread(work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    let spawned = thread::Builder::new()
        .name("dsql-keeper".into())
        .spawn(work);
    spawned
        .map(drop)
        .map_err(Error::io(|| "starting a thread that waits for PostgreSQL"))
}

/// How long a stand-in tries.
const PATIENCE: Duration = Duration::from_secs(30);

/// Does what a keeper that was killed itself did not come to: ends PostgreSQL and removes the run folder.
fn stand_in(run: &Path, data: &Path, mode: StopMode) {
    // Its supervisor may still be there, and must not start PostgreSQL again.
    let _ = fs::write(run.join("stop"), "");
    let pid = || {
        fs::read_to_string(run.join("pid"))
            .ok()?
            .trim()
            .parse::<u32>()
            .ok()
    };
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        match pid() {
            Some(pid) if process::is_postgres_in(pid, data) => process::signal(pid, mode.signal()),
            _ => break,
        }
        thread::sleep(Duration::from_millis(50));
    }
    // Again and again: the supervisor leaves its last files there meanwhile.
    while fs::remove_dir_all(run).is_err() && run.exists() && began.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(10));
    }
}
