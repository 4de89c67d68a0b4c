//! Migrations of an ORM: one runner at a time, and what has run is not run again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dsql_sql::Options;
use dsql_sqlx::{DsqlPool, Entry, Lock, LockOptions, Progress, Recorded, Recorder, Recording};
use pyo3::prelude::*;

use crate::errors::{MigrationError, of_sqlx};
use crate::plan::options;
use crate::runtime::runtime;
use crate::settings::Settings;

/// How often a wait looks whether Python wants it to end.
const SIGNALS: Duration = Duration::from_millis(100);

/// A run of migrations, under the lock that all runners of this project take.
///
/// DDL is run here, on connections of its own; other statements the caller runs, and enters them in the same
/// transaction.
#[pyclass(frozen, module = "dsql_orm._core")]
pub(crate) struct Migration {
    on_progress: Option<Py<PyAny>>,
    state: Mutex<Option<State>>,
}

struct State {
    pool: DsqlPool,
    lock: Arc<Lock>,
    recorder: Recorder,
    recording: Option<Recording>,
    entry: Option<Entry>,
}

#[pymethods]
impl Migration {
    #[new]
    #[pyo3(signature = (settings, *, purpose = "migrations", orm = None, on_progress = None))]
    fn new(
        py: Python<'_>,
        settings: &Settings,
        purpose: &str,
        orm: Option<&str>,
        on_progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let mut builder = DsqlPool::builder(settings.config()).max_connections(3);
        if let Some(orm) = orm {
            builder = builder.orm(orm);
        }
        let options = LockOptions::default().purpose(purpose);
        let tell = teller(py, on_progress.as_ref());
        let state = wait(py, async move {
            let pool = builder.connect().await.map_err(of_sqlx)?;
            let lock = pool.lock(options, |holder| tell(&format!("waiting for {holder}")));
            let lock = Arc::new(lock.await.map_err(of_sqlx)?);
            let recorder = pool.recorder(Arc::clone(&lock)).await.map_err(of_sqlx)?;
            Ok(State {
                pool,
                lock,
                recorder,
                recording: None,
                entry: None,
            })
        })?;
        Ok(Self {
            on_progress,
            state: Mutex::new(Some(state)),
        })
    }

    /// Begins a piece of work, or goes on with it. Answers how many statements of it have run.
    fn begin(&self, py: Python<'_>, work: String) -> PyResult<usize> {
        self.with(py, |state| {
            Box::pin(async move {
                let recording = state.recorder.begin(work).await.map_err(of_sqlx)?;
                let recorded = recording.recorded();
                state.recording = Some(recording);
                Ok(recorded)
            })
        })
    }

    /// Runs the plan of a statement, unless it has run.
    #[pyo3(signature = (sql, *, foreign_keys = "native", identity_cache = 65_536))]
    fn ddl(
        &self,
        py: Python<'_>,
        sql: &str,
        foreign_keys: &str,
        identity_cache: u64,
    ) -> PyResult<()> {
        let options = Options {
            identity_cache,
            ..options(foreign_keys)?
        };
        let plan = dsql_sql::translate(sql, &options);
        let tell = teller(py, self.on_progress.as_ref());
        let sql = sql.to_owned();
        self.with(py, |state| {
            Box::pin(async move {
                let ran = state.recording()?.plan(&sql, &plan, |progress| {
                    if let Some(text) = told(&progress) {
                        tell(&text);
                    }
                });
                ran.await.map_err(of_sqlx)
            })
        })
    }

    /// A statement that the caller is about to run: what enters it, to be run in the same transaction, or None when it
    /// has run before.
    fn write(&self, sql: &str, values: &str) -> PyResult<Option<String>> {
        self.state(|state| {
            let statement = Recorded { sql, values };
            state.entry = state.recording()?.write_elsewhere(statement);
            Ok(state.entry.as_ref().map(|entry| entry.insert().to_owned()))
        })
    }

    /// The transaction with the entry was committed.
    fn written(&self) -> PyResult<()> {
        self.state(|state| {
            if let Some(entry) = state.entry.take() {
                state.recording()?.written(entry);
            }
            Ok(())
        })
    }

    /// The works of which something has run.
    fn works(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.with(py, |state| {
            Box::pin(async move { state.recorder.works().await.map_err(of_sqlx) })
        })
    }

    /// Forgets what has run of works that are done, and known to be.
    fn forget(&self, py: Python<'_>, works: Vec<String>) -> PyResult<()> {
        self.with(py, |state| {
            Box::pin(async move { state.recorder.forget(&works).await.map_err(of_sqlx) })
        })
    }

    /// Gives the lock back.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let state = self
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(state) = state else { return Ok(()) };
        wait(py, async move {
            let State {
                pool,
                lock,
                recorder,
                recording,
                entry,
            } = state;
            drop((recorder, recording, entry));
            if let Some(lock) = Arc::into_inner(lock) {
                lock.give_back().await;
            }
            pool.close().await;
            Ok(())
        })
    }
}

type Future<'a, T> = std::pin::Pin<Box<dyn std::future::Future<Output = PyResult<T>> + Send + 'a>>;

impl Migration {
    fn state<T>(&self, work: impl FnOnce(&mut State) -> PyResult<T>) -> PyResult<T> {
        match &mut *self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(state) => work(state),
            None => Err(MigrationError::new_err("the run of migrations was closed")),
        }
    }

    fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl for<'s> FnOnce(&'s mut State) -> Future<'s, T>,
    ) -> PyResult<T> {
        self.state(|state| wait(py, work(state)))
    }
}

impl State {
    fn recording(&mut self) -> PyResult<&mut Recording> {
        let none = || MigrationError::new_err("no piece of work was begun");
        self.recording.as_mut().ok_or_else(none)
    }
}

/// Waits without Python's lock, and gives up when Python is interrupted.
fn wait<T: Send>(
    py: Python<'_>,
    future: impl std::future::Future<Output = PyResult<T>> + Send,
) -> PyResult<T> {
    let runtime = runtime()?;
    py.detach(|| {
        runtime.block_on(async {
            let mut future = std::pin::pin!(future);
            loop {
                match tokio::time::timeout(SIGNALS, &mut future).await {
                    Ok(done) => return done,
                    Err(_) => Python::attach(|py| py.check_signals())?,
                }
            }
        })
    })
}

fn teller(py: Python<'_>, on_progress: Option<&Py<PyAny>>) -> impl Fn(&str) + Send + 'static {
    let on_progress = on_progress.map(|callable| callable.clone_ref(py));
    move |text| {
        if let Some(callable) = &on_progress {
            Python::attach(|py| {
                if let Err(error) = callable.call1(py, (text,)) {
                    error.write_unraisable(py, None);
                }
            });
        }
    }
}

/// What is worth telling.
fn told(progress: &Progress<'_>) -> Option<String> {
    match progress {
        Progress::Resumed { done, steps, .. } => {
            Some(format!("goes on after step {done} of {steps}"))
        }
        Progress::Started { statement, .. } => Some((*statement).to_owned()),
        Progress::Waiting { job_id, .. } => Some(format!("waiting for job {job_id}")),
        Progress::Batch { rows, .. } => Some(format!("{rows} rows so far")),
        Progress::Retried { error, .. } => Some(format!("once more after: {error}")),
        _ => None,
    }
}
