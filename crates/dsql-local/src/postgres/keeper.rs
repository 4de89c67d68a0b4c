//! The small shell that keeps PostgreSQL: it stops it and cleans up when we end, in whatever way.
//!
//! Our process holds the writing end of a pipe. The keeper reads the other end; when it closes, PostgreSQL goes. The
//! pipe exists before the keeper does and the keeper before PostgreSQL, so there is no moment at which killing us
//! leaves a server behind. The keeper has a process group of its own: Ctrl-C in a terminal reaches us, not it.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::watch;

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

/// How far the keeper has come.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Running,
    /// PostgreSQL is gone for good; its exit status as the shell tells it.
    Exited(String),
    /// The run folder is removed, too.
    Done(String),
}

/// A running keeper. Dropping it closes the pipe.
#[derive(Debug)]
pub(crate) struct Keeper {
    pipe: Mutex<Option<ChildStdin>>,
    state: watch::Receiver<State>,
}

impl Keeper {
    /// Starts a keeper, which removes `run` at the end. `lock` stays locked until PostgreSQL has gone.
    pub(crate) fn start(
        user: &ServerUser,
        run: &Path,
        at_end: StopMode,
        log: &Path,
        lock: File,
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
        let (told, state) = watch::channel(State::Running);
        let mut status = child.stdout.take();
        // A thread and no task: the keeper must be waited for even when the runtime has ended.
        let waiting = thread::Builder::new()
            .name("dsql-keeper".into())
            .spawn(move || {
                let mut text = String::new();
                if let Some(status) = &mut status {
                    let _ = status.read_to_string(&mut text);
                }
                let text = text.trim().to_owned();
                told.send_replace(State::Exited(text.clone()));
                let _ = child.wait();
                told.send_replace(State::Done(text));
            });
        waiting.map_err(Error::io(|| "starting a thread that waits for PostgreSQL"))?;
        Ok(Keeper {
            pipe: Mutex::new(pipe),
            state,
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
        match &*self.state.borrow() {
            State::Running => None,
            State::Exited(status) | State::Done(status) => Some(status.clone()),
        }
    }

    /// Ends when PostgreSQL is gone for good, with its exit status.
    pub(crate) fn exited(&self) -> impl Future<Output = String> + Send + 'static {
        let mut state = self.state.clone();
        async move {
            match state
                .wait_for(|state| *state != State::Running)
                .await
                .as_deref()
            {
                Ok(State::Exited(status) | State::Done(status)) => status.clone(),
                _ => String::new(),
            }
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
        let mut state = self.state.clone();
        async move {
            let _ = state
                .wait_for(|state| matches!(state, State::Done(_)))
                .await;
        }
    }

    fn pipe(&self) -> MutexGuard<'_, Option<ChildStdin>> {
        self.pipe.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
