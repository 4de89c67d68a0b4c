//! What the service answers when it refuses.

use std::borrow::Cow;

/// A refusal as the service words it: SQLSTATE and message are the server's
/// own, byte for byte, so that a client cannot tell them from the real ones.
///
/// ```
/// use dsql_sql::{Statement, check};
///
/// let refusal = check(&Statement::new("TRUNCATE pet")).unwrap_err();
/// assert_eq!(refusal.sqlstate(), "0A000");
/// assert_eq!(refusal.message(), "unsupported statement: Truncate");
/// assert_eq!(refusal.rule(), "truncate");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (SQLSTATE {sqlstate}, rule {rule})")]
pub struct Refusal {
    rule: &'static str,
    sqlstate: &'static str,
    message: Cow<'static, str>,
    detail: Option<Cow<'static, str>>,
    hint: Option<Cow<'static, str>>,
}

impl Refusal {
    pub(crate) fn new(
        rule: &'static str,
        sqlstate: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            rule,
            sqlstate,
            message: message.into(),
            detail: None,
            hint: None,
        }
    }

    fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// `0A000`: what most refusals by design carry.
    pub(crate) fn unsupported(rule: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(rule, "0A000", message)
    }

    /// 40001 OC000: another transaction changed the same row first.
    pub fn conflict() -> Self {
        Self::new(
            "conflict",
            "40001",
            "change conflicts with another transaction (OC000)",
        )
    }

    /// 40001 OC001: another session changed the catalog.
    pub fn schema_changed() -> Self {
        Self::new(
            "schema_changed",
            "40001",
            "schema has been updated by another transaction (OC001)",
        )
    }

    /// 25P02: an earlier statement of this transaction failed. It is answered
    /// even where the statement itself would be refused.
    pub fn transaction_aborted() -> Self {
        Self::new(
            "transaction_aborted",
            "25P02",
            "current transaction is aborted, commands ignored until end of transaction block",
        )
    }

    /// 0A000: a second DDL statement in one transaction.
    pub fn multiple_ddl() -> Self {
        Self::unsupported(
            "multiple_ddl",
            "multiple ddl statements not supported in a transaction",
        )
    }

    /// 0A000: DDL together with DML in one transaction, in either order.
    pub fn ddl_and_dml() -> Self {
        Self::unsupported(
            "ddl_and_dml",
            "ddl and dml are not supported in the same transaction",
        )
    }

    /// 54000: more than [`ROWS`](crate::transaction::ROWS) rows changed.
    pub fn row_limit() -> Self {
        Self::new("row_limit", "54000", "transaction row limit exceeded")
    }

    /// 54000, at COMMIT: more than [`BYTES`](crate::transaction::BYTES) of
    /// changed data. The detail names whole megabytes.
    pub fn size_limit(megabytes: u64) -> Self {
        Self::new(
            "size_limit",
            "54000",
            "transaction size limit 10mb exceeded",
        )
        .with_detail(format!("Current transaction size {megabytes}mb > 10mb"))
    }

    /// 54000, at the next statement or COMMIT: older than
    /// [`AGE`](crate::transaction::AGE).
    pub fn age_limit(seconds: u64) -> Self {
        Self::new(
            "age_limit",
            "54000",
            "transaction age limit of 300s exceeded",
        )
        .with_detail(format!("Current transaction age {seconds}s exceeds 300s"))
    }

    /// 08P01: a protocol message over 10 MiB, as documented.
    pub fn invalid_message_length() -> Self {
        Self::new("message_length", "08P01", "invalid message length")
    }

    /// 22P02: the argument of `sys.wait_for_job` is no job id.
    pub fn malformed_job_id() -> Self {
        Self::new("job_id", "22P02", "Unable to convert text to UUID")
    }

    /// The rule that refuses; see [`rules`](crate::rules()).
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// Five characters, such as `0A000`.
    pub fn sqlstate(&self) -> &'static str {
        self.sqlstate
    }

    /// The server's message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The server's DETAIL, where one was recorded.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The server's HINT, where one was recorded. Our own advice is not here
    /// but in [`PlanError`](crate::PlanError).
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}
