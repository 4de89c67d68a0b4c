//! The runtime on which the core waits, one a process: threads do not come along with a fork.

use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::PyResult;
use pyo3::exceptions::PyRuntimeError;
use tokio::runtime::{Builder, Runtime};

struct OfProcess {
    process: u32,
    /// Never dropped in a child of the process it belongs to, where its threads cannot be joined.
    runtime: ManuallyDrop<Arc<Runtime>>,
}

static RUNTIME: Mutex<Option<OfProcess>> = Mutex::new(None);

/// The runtime of this process; made when it is first needed.
pub(crate) fn runtime() -> PyResult<Arc<Runtime>> {
    let process = std::process::id();
    let mut kept = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kept) = &*kept
        && kept.process == process
    {
        return Ok(Arc::clone(&kept.runtime));
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("dsql_orm")
        .enable_all()
        .build()
        .map_err(|error| {
            PyRuntimeError::new_err(format!("no threads can be started for dsql_orm: {error}"))
        })?;
    let runtime = Arc::new(runtime);
    *kept = Some(OfProcess {
        process,
        runtime: ManuallyDrop::new(Arc::clone(&runtime)),
    });
    Ok(runtime)
}
