//! A script in a form that the service accepts.

use dsql_sql::{ForeignKeys, Options, Refusal};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Brings a script into a form that the service accepts.
#[pyfunction]
#[pyo3(signature = (sql, *, foreign_keys = "native", identity_cache = 65_536, batch_rows = 1_000))]
pub(crate) fn translate(
    py: Python<'_>,
    sql: &str,
    foreign_keys: &str,
    identity_cache: u64,
    batch_rows: u32,
) -> PyResult<Plan> {
    let options = Options {
        identity_cache,
        batch_rows,
        ..options(foreign_keys)?
    };
    Ok(Plan {
        inner: py.detach(|| dsql_sql::translate(sql, &options)),
    })
}

/// With the default of everything else.
pub(crate) fn options(foreign_keys: &str) -> PyResult<Options> {
    let foreign_keys = match foreign_keys {
        "native" => ForeignKeys::Native,
        "omit" => ForeignKeys::Omit,
        other => {
            return Err(PyValueError::new_err(format!(
                "foreign_keys is {other:?}: it is \"native\", so that they are created, or \"omit\""
            )));
        }
    };
    Ok(Options {
        foreign_keys,
        ..Options::default()
    })
}

/// What to run, in order, and what to know about it.
#[pyclass(frozen, module = "dsql_orm._core")]
#[derive(Debug)]
pub(crate) struct Plan {
    inner: dsql_sql::Plan,
}

#[pymethods]
impl Plan {
    #[getter]
    fn steps(&self) -> Vec<Step> {
        let steps = self.inner.steps.iter().cloned();
        steps.map(|inner| Step { inner }).collect()
    }

    #[getter]
    fn notes(&self) -> Vec<Note> {
        let notes = self.inner.notes.iter();
        notes
            .map(|note| Note {
                rule: note.rule,
                message: note.message.clone(),
            })
            .collect()
    }

    #[getter]
    fn errors(&self) -> Vec<PlanError> {
        self.inner.errors.iter().map(PlanError::of).collect()
    }

    #[getter]
    fn is_unchanged(&self) -> bool {
        self.inner.is_unchanged()
    }

    fn __str__(&self) -> String {
        self.inner.to_string()
    }

    fn __repr__(&self) -> String {
        let (steps, errors) = (self.inner.steps.len(), self.inner.errors.len());
        format!("<Plan: {steps} steps, {errors} errors>")
    }
}

/// One step of a plan.
#[pyclass(frozen, module = "dsql_orm._core")]
#[derive(Debug)]
pub(crate) struct Step {
    inner: dsql_sql::Step,
}

#[pymethods]
impl Step {
    #[getter]
    fn kind(&self) -> &'static str {
        match &self.inner {
            dsql_sql::Step::Ddl(_) => "ddl",
            dsql_sql::Step::AsyncDdl(_) => "async_ddl",
            dsql_sql::Step::Dml(_) => "dml",
            dsql_sql::Step::Transaction(_) => "transaction",
            dsql_sql::Step::Batches(_) => "batches",
            dsql_sql::Step::Lookup(_) => "lookup",
            _ => "other",
        }
    }

    /// The statement; that which a lookup stands for; all that batches do, as one.
    #[getter]
    fn sql(&self) -> String {
        match &self.inner {
            dsql_sql::Step::Ddl(sql) | dsql_sql::Step::AsyncDdl(sql) | dsql_sql::Step::Dml(sql) => {
                sql.clone()
            }
            dsql_sql::Step::Lookup(lookup) => lookup.statement().to_owned(),
            dsql_sql::Step::Batches(batches) => batches.whole(),
            other => other.to_string(),
        }
    }

    /// What runs in one transaction: one statement, or several.
    #[getter]
    fn statements(&self) -> Vec<String> {
        match &self.inner {
            dsql_sql::Step::Transaction(transaction) => transaction.statements().to_vec(),
            _ => vec![self.sql()],
        }
    }

    #[getter]
    fn batches(&self) -> Option<Batches> {
        match &self.inner {
            dsql_sql::Step::Batches(batches) => Some(Batches {
                inner: batches.clone(),
            }),
            _ => None,
        }
    }

    #[getter]
    fn lookup(&self) -> Option<Lookup> {
        match &self.inner {
            dsql_sql::Step::Lookup(lookup) => Some(Lookup {
                inner: lookup.clone(),
            }),
            _ => None,
        }
    }

    fn __str__(&self) -> String {
        self.inner.to_string()
    }
}

/// A change of many rows, one batch a transaction.
#[pyclass(frozen, module = "dsql_orm._core")]
#[derive(Debug)]
pub(crate) struct Batches {
    inner: dsql_sql::Batches,
}

#[pymethods]
impl Batches {
    fn key_columns(&self) -> Option<Vec<String>> {
        self.inner.key_columns()
    }

    fn key_columns_query(&self) -> String {
        self.inner.key_columns_query()
    }

    #[pyo3(signature = (key, after))]
    fn page_query(&self, key: Vec<String>, after: Option<Vec<String>>) -> String {
        self.inner.page_query(&key, after.as_deref())
    }

    #[pyo3(signature = (key, after, until))]
    fn statement(
        &self,
        key: Vec<String>,
        after: Option<Vec<String>>,
        until: Option<Vec<String>>,
    ) -> String {
        self.inner
            .statement(&key, after.as_deref(), until.as_deref())
    }
}

/// A statement whose steps hang on what the catalog holds.
#[pyclass(frozen, module = "dsql_orm._core")]
#[derive(Debug)]
pub(crate) struct Lookup {
    inner: dsql_sql::Lookup,
}

#[pymethods]
impl Lookup {
    #[getter]
    fn query(&self) -> String {
        self.inner.query()
    }

    fn plan(&self, py: Python<'_>, answer: &str) -> Plan {
        Plan {
            inner: py.detach(|| self.inner.plan(answer)),
        }
    }
}

/// What was changed, or what now behaves differently.
#[pyclass(frozen, get_all, module = "dsql_orm._core")]
#[derive(Debug)]
pub(crate) struct Note {
    rule: &'static str,
    message: String,
}

#[pymethods]
impl Note {
    fn __str__(&self) -> String {
        format!("{} [{}]", self.message, self.rule)
    }
}

/// What cannot be had, why, and what to write instead.
#[pyclass(frozen, get_all, module = "dsql_orm._core")]
#[derive(Debug)]
pub(crate) struct PlanError {
    rule: &'static str,
    message: String,
    sqlstate: Option<&'static str>,
    text: String,
}

impl PlanError {
    fn of(error: &dsql_sql::PlanError) -> Self {
        Self {
            rule: error.rule,
            message: error.message.clone(),
            sqlstate: error.refusal.as_ref().map(Refusal::sqlstate),
            text: error.to_string(),
        }
    }

    pub(crate) fn of_refusal(refusal: &Refusal) -> Self {
        Self {
            rule: refusal.rule(),
            message: refusal.message().to_owned(),
            sqlstate: Some(refusal.sqlstate()),
            text: format!("{} [{}]", refusal.message(), refusal.rule()),
        }
    }
}

#[pymethods]
impl PlanError {
    fn __str__(&self) -> String {
        self.text.clone()
    }
}
