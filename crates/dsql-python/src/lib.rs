//! `dsql_orm._core`: what the Python adapters ask of the core.
//!
//! Nothing is decided here. Each class or function hands on to `dsql-connect`, `dsql-sql`, `dsql-sqlx` or `dsql-local`, and lets
//! other threads of Python run while it waits. Its types are in `python/dsql_orm/_core.pyi`.

mod errors;
mod local;
mod migration;
mod plan;
mod retry;
mod runtime;
mod settings;
mod sql;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::errors::{CredentialsError, MigrationError, SettingsError};
    #[pymodule_export]
    use crate::local::LocalCluster;
    #[pymodule_export]
    use crate::migration::Migration;
    #[pymodule_export]
    use crate::plan::{Batches, Lookup, Note, Plan, PlanError, Step, translate};
    #[pymodule_export]
    use crate::retry::{RetryPolicy, error_class};
    #[pymodule_export]
    use crate::settings::{Settings, application_name};
    #[pymodule_export]
    use crate::sql::{check, kind, locks_rows, split, without_locks};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("OWN_TABLES", dsql_sqlx::OWN_TABLES.to_vec())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
