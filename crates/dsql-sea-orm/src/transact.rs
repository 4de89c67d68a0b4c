//! Transactions that are run again when they meet a conflict.

use std::pin::Pin;

use dsql_sqlx::{ErrorClass, Retries, RetryPolicy, Transaction};
use sea_orm::DbErr;

use crate::error::acquire_err;
use crate::transaction::Connection;
use crate::{Dsql, DsqlTransaction, ErrorExt as _};

impl Dsql {
    /// Runs `work` in a transaction and commits. On a conflict, or when the
    /// connection is lost before COMMIT, the whole is run again from the
    /// start, on a new transaction, after a pause drawn by the pool's
    /// [`RetryPolicy`]. So `work` should do nothing beyond the database that
    /// must not happen twice.
    ///
    /// [`transact_async`](Self::transact_async) is the same for an
    /// `async |tx|` closure.
    ///
    /// # Errors
    ///
    /// The error of the last attempt. What `work` fails with need not tell
    /// whether it came from a conflict: the transaction remembers. A
    /// connection lost during COMMIT is [`ErrorClass::Ambiguous`] and is not
    /// retried unless the policy says that the work is idempotent.
    ///
    /// ```no_run
    /// # use dsql_sea_orm::Dsql;
    /// # use sea_orm::{ConnectionTrait, DbErr};
    /// # async fn f(db: Dsql) -> Result<u64, DbErr> {
    /// db.transact(|tx| {
    ///     Box::pin(async move {
    ///         let done = tx.execute_unprepared("UPDATE pet SET visits = visits + 1").await?;
    ///         Ok(done.rows_affected())
    ///     })
    /// })
    /// .await
    /// # }
    /// ```
    pub async fn transact<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'c> FnMut(
            &'c DsqlTransaction,
        ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>,
        E: From<DbErr>,
    {
        self.transact_with(self.retry_policy(), work).await
    }

    /// [`transact`](Self::transact) under a policy of its own.
    pub async fn transact_with<T, E, F>(&self, policy: &RetryPolicy, mut work: F) -> Result<T, E>
    where
        F: for<'c> FnMut(
            &'c DsqlTransaction,
        ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>,
        E: From<DbErr>,
    {
        let mut attempts = Attempts::new(self, policy);
        loop {
            let attempt = match attempts.begin().await {
                Ok(tx) => {
                    let result = work(&tx).await;
                    finish(tx, result).await
                }
                Err(failure) => Err(failure),
            };
            if let Some(result) = attempts.conclude(attempt).await {
                return result;
            }
        }
    }

    /// [`transact`](Self::transact) for an `async |tx|` closure, which may
    /// borrow what it captures.
    ///
    /// Where the future must be `Send` (in `tokio::spawn`, in a handler of a
    /// web framework), write `async move |tx|` and let it own what it
    /// captures: the compiler cannot yet see that a borrowing closure is `Send`.
    ///
    /// ```no_run
    /// # use dsql_sea_orm::Dsql;
    /// # use sea_orm::{ConnectionTrait, DbErr};
    /// # async fn f(db: Dsql, sql: String) -> Result<u64, DbErr> {
    /// db.transact_async(async |tx| Ok(tx.execute_unprepared(&sql).await?.rows_affected())).await
    /// # }
    /// ```
    pub async fn transact_async<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnMut(&DsqlTransaction) -> Result<T, E>,
        E: From<DbErr>,
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
        F: AsyncFnMut(&DsqlTransaction) -> Result<T, E>,
        E: From<DbErr>,
    {
        let mut attempts = Attempts::new(self, policy);
        loop {
            let attempt = match attempts.begin().await {
                Ok(tx) => {
                    let result = work(&tx).await;
                    finish(tx, result).await
                }
                Err(failure) => Err(failure),
            };
            if let Some(result) = attempts.conclude(attempt).await {
                return result;
            }
        }
    }
}

/// What the attempts of one call have in common.
struct Attempts<'p> {
    pool: &'p Dsql,
    retries: Retries<'p>,
    connection: Connection,
}

impl<'p> Attempts<'p> {
    fn new(pool: &'p Dsql, policy: &'p RetryPolicy) -> Self {
        Self {
            pool,
            retries: Retries::new(policy),
            connection: None,
        }
    }

    async fn begin<E: From<DbErr>>(&mut self) -> Result<DsqlTransaction, Failure<E>> {
        let begun = match self.connection.take() {
            Some(connection) => Transaction::begin(connection, "BEGIN").await,
            None => self.pool.pool.begin().await,
        };
        begun
            .map(|transaction| DsqlTransaction::of(self.pool, transaction))
            .map_err(|error| Failure::of(acquire_err(error), None))
    }

    /// What the call returns; none when the next attempt is to be made.
    async fn conclude<T, E>(&mut self, attempt: Result<T, Failure<E>>) -> Option<Result<T, E>> {
        match attempt {
            Ok(value) => Some(Ok(value)),
            Err(failure) => {
                if !self.retries.again(failure.class, &failure.text).await {
                    return Some(Err(failure.error));
                }
                self.connection = failure.connection;
                None
            }
        }
    }
}

/// An attempt that failed. The text is kept apart because `E` need not be
/// printable.
struct Failure<E> {
    error: E,
    class: ErrorClass,
    text: String,
    connection: Connection,
}

impl<E: From<DbErr>> Failure<E> {
    fn of(error: DbErr, connection: Connection) -> Self {
        let (class, text) = (error.class(), error.to_string());
        Self {
            error: E::from(error),
            class,
            text,
            connection,
        }
    }
}

async fn finish<T, E: From<DbErr>>(
    tx: DsqlTransaction,
    result: Result<T, E>,
) -> Result<T, Failure<E>> {
    match result {
        Ok(value) => match tx.try_commit().await {
            Ok(()) => Ok(value),
            Err((error, connection)) => Err(Failure::of(error, connection)),
        },
        Err(error) => {
            let class = tx.doom_class().unwrap_or(ErrorClass::Other);
            let text = "the transaction failed before COMMIT".to_owned();
            let connection = tx.abandon().await;
            Err(Failure {
                error,
                class,
                text,
                connection,
            })
        }
    }
}
