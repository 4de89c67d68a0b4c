//! Transactions that are run again when they meet a conflict.

use std::pin::Pin;

use dsql_sqlx::{Attempts, ErrorClass, Failure, RetryPolicy};
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
        let mut attempts = Attempts::new(&self.pool, policy);
        loop {
            let attempt = match attempts.begin().await {
                Ok(transaction) => {
                    let tx = DsqlTransaction::of(self, transaction);
                    let result = work(&tx).await;
                    finish(tx, result).await
                }
                Err(error) => Err(failure(acquire_err(error), None)),
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
        let mut attempts = Attempts::new(&self.pool, policy);
        loop {
            let attempt = match attempts.begin().await {
                Ok(transaction) => {
                    let tx = DsqlTransaction::of(self, transaction);
                    let result = work(&tx).await;
                    finish(tx, result).await
                }
                Err(error) => Err(failure(acquire_err(error), None)),
            };
            match attempt {
                Ok(value) => return Ok(value),
                Err(failure) => attempts.again(failure).await?,
            }
        }
    }
}

fn failure<E: From<DbErr>>(error: DbErr, connection: Connection) -> Failure<E> {
    let (class, text) = (error.class(), error.to_string());
    Failure::new(class, text, E::from(error), connection)
}

async fn finish<T, E: From<DbErr>>(
    tx: DsqlTransaction,
    result: Result<T, E>,
) -> Result<T, Failure<E>> {
    match result {
        Ok(value) => match tx.try_commit().await {
            Ok(()) => Ok(value),
            Err((error, connection)) => Err(failure(error, connection)),
        },
        Err(error) => {
            let class = tx.doom_class().unwrap_or(ErrorClass::Other);
            let text = "the transaction failed before COMMIT".to_owned();
            let connection = tx.abandon().await;
            Err(Failure::new(class, text, error, connection))
        }
    }
}
