//! A local cluster, for tests.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dsql_local::{Fault, Moment};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::errors::of_local;
use crate::runtime::runtime;

/// A local Aurora DSQL cluster. It stops when it is told to, or let go of.
#[pyclass(frozen, module = "dsql_orm._core")]
pub(crate) struct LocalCluster {
    inner: Mutex<Option<dsql_local::LocalCluster>>,
}

#[pymethods]
impl LocalCluster {
    #[new]
    #[pyo3(signature = (*, port = 0, data_dir = None, schema_conflicts = true, faults = None, seed = None, job_delay = 0.0))]
    fn new(
        py: Python<'_>,
        port: u16,
        data_dir: Option<PathBuf>,
        schema_conflicts: bool,
        faults: Option<&str>,
        seed: Option<u64>,
        job_delay: f64,
    ) -> PyResult<Self> {
        let mut builder = dsql_local::LocalCluster::builder()
            .port(port)
            .schema_conflicts(schema_conflicts)
            .job_delay(duration(job_delay)?);
        if let Some(data_dir) = data_dir {
            builder = builder.data_dir(data_dir);
        }
        if let Some(faults) = faults {
            let rates = faults.parse::<dsql_local::FaultRates>();
            builder =
                builder.faults(rates.map_err(|error| PyValueError::new_err(error.to_string()))?);
        }
        if let Some(seed) = seed {
            builder = builder.seed(seed);
        }
        let cluster = py.detach(|| runtime()?.block_on(builder.start()).map_err(of_local))?;
        Ok(Self {
            inner: Mutex::new(Some(cluster)),
        })
    }

    /// The connection URL, for `DSQL_URL`.
    #[getter]
    fn url(&self) -> PyResult<String> {
        self.with(|cluster| Ok(cluster.url()))
    }

    /// What a client finds in its environment under `dsql local -- COMMAND`.
    #[getter]
    fn env(&self) -> PyResult<HashMap<&'static str, String>> {
        self.with(|cluster| Ok(cluster.env().into_iter().collect()))
    }

    #[getter]
    fn port(&self) -> PyResult<u16> {
        self.with(|cluster| Ok(cluster.port()))
    }

    /// The file of the certificate to trust.
    #[getter]
    fn ca_file(&self) -> PyResult<PathBuf> {
        self.with(|cluster| Ok(cluster.ca_file().to_owned()))
    }

    /// Orders a fault: `conflict`, `schema`, `unavailable`, `disconnect` or `slow`; it comes `at` a `statement`,
    /// `before_commit` or `after_commit`, where there is a choice.
    #[pyo3(signature = (fault, *, at = "statement", containing = None, times = 1, delay = 0.1))]
    fn inject(
        &self,
        fault: &str,
        at: &str,
        containing: Option<String>,
        times: u32,
        delay: f64,
    ) -> PyResult<()> {
        let at = match at {
            "statement" => Moment::BeforeStatement,
            "before_commit" => Moment::BeforeCommit,
            "after_commit" => Moment::AfterCommit,
            other => {
                return Err(PyValueError::new_err(format!(
                    "at is {other:?}: it is statement, before_commit or after_commit"
                )));
            }
        };
        let mut fault = match fault {
            "conflict" => Fault::conflict(),
            "schema" => Fault::schema(),
            "unavailable" => Fault::unavailable(at),
            "disconnect" => Fault::disconnect(at),
            "slow" => Fault::slow(duration(delay)?),
            other => {
                return Err(PyValueError::new_err(format!(
                    "{other:?} is no fault: there are conflict, schema, unavailable, disconnect and slow"
                )));
            }
        };
        if let Some(text) = containing {
            fault = fault.containing(text);
        }
        self.with(|cluster| {
            cluster.inject(fault.times(times));
            Ok(())
        })
    }

    /// Stops it. What is not kept in a data directory is removed.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        let cluster = self
            .inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match cluster {
            Some(cluster) => py.detach(|| {
                runtime()?.block_on(cluster.shutdown());
                Ok(())
            }),
            None => Ok(()),
        }
    }
}

impl LocalCluster {
    fn with<T>(&self, read: impl FnOnce(&dsql_local::LocalCluster) -> PyResult<T>) -> PyResult<T> {
        match &*self.inner.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(cluster) => read(cluster),
            None => Err(PyRuntimeError::new_err("the local cluster was stopped")),
        }
    }
}

fn duration(seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| PyValueError::new_err(format!("{seconds} is no number of seconds, 0 or more")))
}
