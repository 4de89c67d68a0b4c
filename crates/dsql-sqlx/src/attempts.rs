//! The attempts at a transaction, whatever the types of closure and error.

use dsql_connect::{ErrorClass, RetryPolicy};
use sqlx::Postgres;
use sqlx::pool::PoolConnection;

use crate::{DsqlPool, Retries, Transaction};

/// The attempts at one transaction under a [`RetryPolicy`].
///
/// For adapters, whose closures and errors are of other types than those of
/// [`DsqlPool::transact`]; applications call that.
///
/// ```no_run
/// # use dsql_sqlx::{Attempts, DsqlPool, Error, ErrorExt, Failure, RetryPolicy};
/// # async fn f(pool: DsqlPool, policy: RetryPolicy) -> Result<(), Error> {
/// let mut attempts = Attempts::new(&pool, &policy);
/// loop {
///     let failure = match attempts.begin().await {
///         Ok(tx) => match tx.try_commit().await {
///             Ok(()) => return Ok(()),
///             Err((error, connection)) => Failure::new(error.class(), error.to_string(), error, connection),
///         },
///         Err(error) => Failure::new(error.class(), error.to_string(), error.into(), None),
///     };
///     attempts.again(failure).await?;
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Attempts<'p> {
    pool: &'p DsqlPool,
    retries: Retries<'p>,
    /// Of the attempt before, where the next one had better be made on it.
    connection: Option<PoolConnection<Postgres>>,
}

/// An attempt that failed. Class and text stand beside the error, which may be
/// of a type that tells neither.
#[derive(Debug)]
pub struct Failure<E> {
    class: ErrorClass,
    text: String,
    error: E,
    connection: Option<PoolConnection<Postgres>>,
}

impl<E> Failure<E> {
    /// With the connection, where [`Transaction::try_commit`] or
    /// [`Transaction::abandon`] has given it back.
    pub fn new(
        class: ErrorClass,
        text: String,
        error: E,
        connection: Option<PoolConnection<Postgres>>,
    ) -> Self {
        Self {
            class,
            text,
            error,
            connection,
        }
    }
}

impl<'p> Attempts<'p> {
    /// The time that the policy allows in total counts from here.
    pub fn new(pool: &'p DsqlPool, policy: &'p RetryPolicy) -> Self {
        Self {
            pool,
            retries: Retries::new(policy),
            connection: None,
        }
    }

    /// Begins the next attempt.
    pub async fn begin(&mut self) -> Result<Transaction, sqlx::Error> {
        match self.connection.take() {
            Some(connection) => Transaction::begin(connection, "BEGIN").await,
            None => self.pool.begin().await,
        }
    }

    /// After a failed attempt: sleeps as the policy says when the next one is
    /// to be made, or gives the error back.
    pub async fn again<E>(&mut self, failure: Failure<E>) -> Result<(), E> {
        if !self.retries.again(failure.class, &failure.text).await {
            return Err(failure.error);
        }
        self.connection = failure.connection;
        Ok(())
    }
}
