//! Counting attempts and sleeping between them.

use std::fmt::Display;
use std::time::Instant;

use dsql_connect::{ErrorClass, RetryPolicy};

/// The attempts at one piece of work under a [`RetryPolicy`].
///
/// For loops that [`DsqlPool::transact`](crate::DsqlPool::transact) does not fit:
///
/// ```
/// # use dsql_sqlx::{ErrorExt, Retries, RetryPolicy};
/// # async fn once() -> Result<u32, sqlx::Error> { Ok(1) }
/// # async fn work() -> Result<u32, sqlx::Error> {
/// let policy = RetryPolicy::default();
/// let mut retries = Retries::new(&policy);
/// loop {
///     match once().await {
///         Err(error) if retries.again(error.class(), &error).await => continue,
///         result => return result,
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Retries<'p> {
    policy: &'p RetryPolicy,
    started: Instant,
    failed: u32,
}

impl<'p> Retries<'p> {
    /// The time that the policy allows in total counts from here.
    pub fn new(policy: &'p RetryPolicy) -> Self {
        Self {
            policy,
            started: Instant::now(),
            failed: 0,
        }
    }

    /// Attempts that have failed so far.
    pub fn failed(&self) -> u32 {
        self.failed
    }

    /// After a failed attempt: sleeps as the policy says and answers true when
    /// the work should be tried again, or answers false at once.
    pub async fn again(&mut self, class: ErrorClass, error: &(dyn Display + Sync)) -> bool {
        self.failed += 1;
        let attempt = self.failed;
        let elapsed = self.started.elapsed();
        let Some(delay) = self.policy.failed(attempt, elapsed, class, error) else {
            return false;
        };
        tracing::debug!(attempt, ?delay, ?class, %error, "trying again");
        tokio::time::sleep(delay).await;
        true
    }
}
