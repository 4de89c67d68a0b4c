//! What an error means, and when to try again.

use std::time::Duration;

use dsql_connect::ErrorClass;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// What an error means: `conflict`, `schema_changed`, `unavailable`, `ambiguous`, `limit`, `refused` or `other`.
/// `committing`: it came when COMMIT, or a statement outside a transaction, was under way.
#[pyfunction]
#[pyo3(signature = (sqlstate, message, *, committing = false))]
pub(crate) fn error_class(sqlstate: Option<&str>, message: &str, committing: bool) -> &'static str {
    let class = if committing {
        ErrorClass::of_commit(sqlstate, message)
    } else {
        ErrorClass::of(sqlstate, message)
    };
    match class {
        ErrorClass::Conflict => "conflict",
        ErrorClass::SchemaChanged => "schema_changed",
        ErrorClass::Unavailable => "unavailable",
        ErrorClass::Ambiguous => "ambiguous",
        ErrorClass::Limit => "limit",
        ErrorClass::Refused => "refused",
        _ => "other",
    }
}

fn class(name: &str) -> PyResult<ErrorClass> {
    Ok(match name {
        "conflict" => ErrorClass::Conflict,
        "schema_changed" => ErrorClass::SchemaChanged,
        "unavailable" => ErrorClass::Unavailable,
        "ambiguous" => ErrorClass::Ambiguous,
        "limit" => ErrorClass::Limit,
        "refused" => ErrorClass::Refused,
        "other" => ErrorClass::Other,
        _ => {
            return Err(PyValueError::new_err(format!(
                "{name:?} is no class of errors"
            )));
        }
    })
}

/// When to run a transaction again.
#[pyclass(frozen, eq, module = "dsql_orm._core")]
#[derive(Debug, PartialEq)]
pub(crate) struct RetryPolicy {
    inner: dsql_connect::RetryPolicy,
}

#[pymethods]
impl RetryPolicy {
    #[new]
    #[pyo3(signature = (*, max_attempts = None, base = None, cap = None, max_total = None, idempotent = false))]
    fn new(
        max_attempts: Option<u32>,
        base: Option<f64>,
        cap: Option<f64>,
        max_total: Option<f64>,
        idempotent: bool,
    ) -> PyResult<Self> {
        let mut inner = dsql_connect::RetryPolicy::default().idempotent(idempotent);
        if let Some(max_attempts) = max_attempts {
            inner = inner.max_attempts(max_attempts);
        }
        if let Some(base) = base {
            inner = inner.base(seconds("base", base)?);
        }
        if let Some(cap) = cap {
            inner = inner.cap(seconds("cap", cap)?);
        }
        if let Some(max_total) = max_total {
            inner = inner.max_total(seconds("max_total", max_total)?);
        }
        Ok(Self { inner })
    }

    #[getter]
    fn max_attempts(&self) -> u32 {
        self.inner.max_attempts
    }

    #[getter]
    fn base(&self) -> f64 {
        self.inner.base.as_secs_f64()
    }

    #[getter]
    fn cap(&self) -> f64 {
        self.inner.cap.as_secs_f64()
    }

    #[getter]
    fn max_total(&self) -> f64 {
        self.inner.max_total.as_secs_f64()
    }

    #[getter]
    fn idempotent(&self) -> bool {
        self.inner.idempotent
    }

    /// Seconds to wait before the next attempt; none when there is to be none.
    fn delay(&self, failed: u32, elapsed: f64, error_class: &str) -> PyResult<Option<f64>> {
        let elapsed = seconds("elapsed", elapsed)?;
        let pause = self.inner.delay(failed, elapsed, class(error_class)?);
        Ok(pause.map(|pause| pause.as_secs_f64()))
    }

    fn __repr__(&self) -> String {
        let policy = &self.inner;
        format!(
            "RetryPolicy(max_attempts={}, base={}, cap={}, max_total={}, idempotent={})",
            policy.max_attempts,
            policy.base.as_secs_f64(),
            policy.cap.as_secs_f64(),
            policy.max_total.as_secs_f64(),
            if policy.idempotent { "True" } else { "False" },
        )
    }
}

fn seconds(name: &str, value: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(value).map_err(|_| {
        PyValueError::new_err(format!(
            "{name} is {value}: it is a number of seconds, 0 or more"
        ))
    })
}
