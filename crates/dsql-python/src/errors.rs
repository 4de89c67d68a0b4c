//! The errors of the core, as Python's exceptions.

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

pyo3::create_exception!(
    dsql_orm._core,
    SettingsError,
    PyValueError,
    "A setting of the connection is missing or cannot be used."
);
pyo3::create_exception!(
    dsql_orm._core,
    CredentialsError,
    PyRuntimeError,
    "There are no AWS credentials, or they cannot be had now."
);

pyo3::create_exception!(
    dsql_orm._core,
    MigrationError,
    PyRuntimeError,
    "A migration did not get through. `sqlstate` is what the server answered, or None."
);

pub(crate) fn of_connect(error: dsql_connect::Error) -> PyErr {
    let text = error.to_string();
    match error {
        dsql_connect::Error::NoCredentials { .. } | dsql_connect::Error::Credentials { .. } => {
            CredentialsError::new_err(text)
        }
        _ => SettingsError::new_err(text),
    }
}

pub(crate) fn of_local(error: dsql_local::Error) -> PyErr {
    PyRuntimeError::new_err(error.to_string())
}

pub(crate) fn of_sqlx(error: dsql_sqlx::Error) -> PyErr {
    let sqlstate = error.sqlstate().map(|sqlstate| sqlstate.into_owned());
    match error {
        dsql_sqlx::Error::Connect(error) => of_connect(error),
        error => Python::attach(|py| {
            let raised = MigrationError::new_err(error.to_string());
            match raised.value(py).setattr("sqlstate", sqlstate) {
                Ok(()) => raised,
                Err(error) => error,
            }
        }),
    }
}
