//! Transactions that are run again when they meet a conflict.

use std::pin::Pin;

use dsql_connect::{ErrorClass, RetryPolicy};
use sqlx::PgConnection;

use crate::error::{Error, ErrorExt};
use crate::{Attempts, DsqlPool, Failure, Transaction};

/// What the closure of [`DsqlPool::transact`] may fail with: an error that can
/// hold one of this crate's, and that tells which error of SQLx, if any, it
/// came from. Retrying depends on it.
///
/// ```
/// #[derive(Debug, thiserror::Error)]
/// enum AppError {
///     #[error("no such pet")]
///     NoSuchPet,
///     #[error(transparent)]
///     Database(#[from] dsql_sqlx::Error),
/// }
///
/// impl dsql_sqlx::TransactError for AppError {
///     fn database_error(&self) -> Option<&sqlx::Error> {
///         match self {
///             AppError::Database(error) => error.database_error(),
///             AppError::NoSuchPet => None,
///         }
///     }
/// }
/// ```
pub trait TransactError: From<Error> {
    /// The error of SQLx behind this one.
    fn database_error(&self) -> Option<&sqlx::Error>;
}

impl TransactError for Error {
    fn database_error(&self) -> Option<&sqlx::Error> {
        match self {
            Error::Database(error) => Some(error),
            Error::Unreachable { source, .. }
            | Error::Step { source, .. }
            | Error::Ambiguous { source } => Some(source),
            _ => None,
        }
    }
}

impl TransactError for sqlx::Error {
    fn database_error(&self) -> Option<&sqlx::Error> {
        Some(self)
    }
}

impl TransactError for Box<dyn std::error::Error + Send + Sync> {
    fn database_error(&self) -> Option<&sqlx::Error> {
        let mut error: &(dyn std::error::Error + 'static) = &**self;
        loop {
            if let Some(error) = error.downcast_ref::<sqlx::Error>() {
                return Some(error);
            }
            if let Some(error) = error.downcast_ref::<Error>() {
                return error.database_error();
            }
            error = error.source()?;
        }
    }
}

impl DsqlPool {
    /// Runs `work` in a transaction and commits. On a conflict, or when the
    /// connection is lost before COMMIT, the whole is run again from the
    /// start, on a new transaction, after a pause drawn by the pool's
    /// [`RetryPolicy`]. So `work` should do nothing beyond the database that
    /// must not happen twice.
    ///
    /// [`transact_async`](Self::transact_async) is the same for an `async |tx|`
    /// closure.
    ///
    /// Let `work` pass on the errors of its statements: a failed statement
    /// ends the transaction, and PostgreSQL answers COMMIT with a ROLLBACK that
    /// SQLx takes for success.
    ///
    /// # Errors
    ///
    /// The error of the last attempt. [`Error::Ambiguous`] when the connection
    /// was lost during COMMIT and the policy does not say that the work is
    /// idempotent.
    ///
    /// ```no_run
    /// # async fn f(pool: dsql_sqlx::DsqlPool) -> Result<(), dsql_sqlx::Error> {
    /// pool.transact(|tx| {
    ///     Box::pin(async move {
    ///         sqlx::query("DELETE FROM visit WHERE id = 1").execute(tx).await?;
    ///         Ok(())
    ///     })
    /// })
    /// .await
    /// # }
    /// ```
    pub async fn transact<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'c> FnMut(
            &'c mut PgConnection,
        ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>,
        E: TransactError,
    {
        self.transact_with(self.retry_policy(), work).await
    }

    /// [`transact`](Self::transact) under a policy of its own.
    pub async fn transact_with<T, E, F>(&self, policy: &RetryPolicy, mut work: F) -> Result<T, E>
    where
        F: for<'c> FnMut(
            &'c mut PgConnection,
        ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>,
        E: TransactError,
    {
        let mut attempts = Attempts::new(self, policy);
        loop {
            let attempt = match attempts.begin().await {
                Ok(mut tx) => {
                    let result = work(&mut tx).await;
                    finish(tx, result).await
                }
                Err(error) => Err(not_begun(error)),
            };
            match attempt {
                Ok(value) => return Ok(value),
                Err(failure) => attempts.again(failure).await?,
            }
        }
    }

    /// [`transact`](Self::transact) for an `async |tx|` closure, which may
    /// borrow what it captures.
    ///
    /// Where the future must be `Send` (in `tokio::spawn`, in a handler of a
    /// web framework), write `async move |tx|` and let it own what it
    /// captures: the compiler cannot yet see that a borrowing closure is `Send`.
    pub async fn transact_async<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnMut(&mut PgConnection) -> Result<T, E>,
        E: TransactError,
    {
        self.transact_async_with(self.retry_policy(), work).await
    }

    /// [`transact_async`](Self::transact_async) under a policy of its own.
    pub async fn transact_async_with<T, E, F>(
        &self,
        policy: &RetryPolicy,
        mut work: F,
    ) -> Result<T, E>
    where
        F: AsyncFnMut(&mut PgConnection) -> Result<T, E>,
        E: TransactError,
    {
        let mut attempts = Attempts::new(self, policy);
        loop {
            let attempt = match attempts.begin().await {
                Ok(mut tx) => {
                    let result = work(&mut tx).await;
                    finish(tx, result).await
                }
                Err(error) => Err(not_begun(error)),
            };
            match attempt {
                Ok(value) => return Ok(value),
                Err(failure) => attempts.again(failure).await?,
            }
        }
    }
}

fn not_begun<E: TransactError>(error: sqlx::Error) -> Failure<E> {
    let (class, text) = (error.class(), error.to_string());
    Failure::new(class, text, E::from(Error::Database(error)), None)
}

async fn finish<T, E: TransactError>(
    tx: Transaction,
    result: Result<T, E>,
) -> Result<T, Failure<E>> {
    let error = match result {
        Ok(value) => {
            return match tx.try_commit().await {
                Ok(()) => Ok(value),
                Err((error, connection)) => {
                    let (class, text) = (error.class(), error.to_string());
                    Err(Failure::new(class, text, E::from(error), connection))
                }
            };
        }
        Err(error) => error,
    };
    let Some(cause) = error.database_error() else {
        return Err(Failure::new(ErrorClass::Other, String::new(), error, None));
    };
    let (class, text) = (cause.class(), cause.to_string());
    let connection = tx.abandon(cause).await;
    Err(Failure::new(class, text, error, connection))
}
