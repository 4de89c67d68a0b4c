//! The pool as an executor of SQLx: single statements, retried.

use dsql_connect::RetryPolicy;
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use sqlx::postgres::{PgArguments, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Either, Execute, Executor, Postgres, SqlStr};

use crate::{DsqlPool, StatementAttempts};

/// An executor of SQLx whose statements are retried under a policy of their
/// own; made by [`DsqlPool::retrying`].
#[derive(Debug, Clone, Copy)]
pub struct Retrying<'p> {
    pool: &'p DsqlPool,
    policy: &'p RetryPolicy,
}

impl DsqlPool {
    /// This pool as an executor whose statements are retried under `policy`.
    ///
    /// `&DsqlPool` itself is one under the pool's [policy](Self::retry_policy):
    /// each statement is a transaction of its own, and is run again
    ///
    /// - when it met a conflict, since then nothing was applied;
    /// - when no connection could be made, since then nothing was sent;
    /// - when the connection was lost and all that the statement does is to
    ///   read, or the policy says that it is
    ///   [idempotent](RetryPolicy::idempotent). Otherwise that is an
    ///   [`Error::Ambiguous`](crate::Error::Ambiguous): it may have been applied.
    ///
    /// A stream of rows is begun again only as long as no row was handed out,
    /// and a script with BEGIN or COMMIT in it is run once.
    ///
    /// ```no_run
    /// # async fn f(pool: dsql_sqlx::DsqlPool) -> Result<(), sqlx::Error> {
    /// use dsql_sqlx::{RetryPolicy, sqlx};
    ///
    /// sqlx::query("UPDATE pet SET visits = visits + 1 WHERE id = $1")
    ///     .bind(1_i64)
    ///     .execute(&pool)
    ///     .await?;
    ///
    /// let twice_is_once = RetryPolicy::default().idempotent(true);
    /// sqlx::query("UPDATE pet SET name = 'Rex' WHERE id = $1")
    ///     .bind(1_i64)
    ///     .execute(pool.retrying(&twice_is_once))
    ///     .await?;
    /// # Ok(()) }
    /// ```
    pub fn retrying<'p>(&'p self, policy: &'p RetryPolicy) -> Retrying<'p> {
        Retrying { pool: self, policy }
    }
}

/// Runs `$run` on a connection, and again as the policy says.
macro_rules! attempts {
    ($retrying:expr, $query:expr, |$connection:ident, $statement:ident| $run:expr) => {{
        let retrying = $retrying;
        let statement = Kept::of($query);
        Box::pin(async move {
            let statement = statement?;
            let mut attempts = StatementAttempts::new(retrying.pool, retrying.policy);
            loop {
                let mut $connection = attempts.connection().await?;
                let $statement = &statement;
                match $run.await {
                    Ok(answer) => return Ok(answer),
                    Err(error) => {
                        attempts
                            .again($connection, statement.sql.as_str(), error)
                            .await?
                    }
                }
            }
        })
    }};
}

impl<'p> Executor<'p> for Retrying<'p> {
    type Database = Postgres;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<PgQueryResult, sqlx::Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        attempts!(self, query, |connection, statement| connection
            .execute(statement))
    }

    fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Vec<PgRow>, sqlx::Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        attempts!(self, query, |connection, statement| connection
            .fetch_all(statement))
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        attempts!(self, query, |connection, statement| connection
            .fetch_optional(statement))
    }

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, sqlx::Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let statement = Kept::of(query);
        async_stream::try_stream! {
            let statement = statement?;
            let sql = statement.sql.as_str();
            let mut attempts = StatementAttempts::new(self.pool, self.policy);
            loop {
                let mut connection = attempts.connection().await?;
                let (mut handed_out, mut failed) = (false, None);
                {
                    let mut answer = connection.fetch_many(&statement);
                    loop {
                        match answer.try_next().await {
                            Ok(Some(part)) => {
                                handed_out = true;
                                yield part;
                            }
                            Ok(None) => break,
                            Err(error) => {
                                failed = Some(error);
                                break;
                            }
                        }
                    }
                }
                match failed {
                    None => break,
                    Some(error) if handed_out => {
                        Err(StatementAttempts::give_up(connection, sql, error).await)?;
                    }
                    Some(error) => attempts.again(connection, sql, error).await?,
                }
            }
        }
        .boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'p: 'e,
    {
        Box::pin(async move {
            let mut connection = self.pool.acquire().await?;
            connection.prepare_with(sql, parameters).await
        })
    }

    fn describe<'e>(
        self,
        sql: SqlStr,
    ) -> BoxFuture<'e, Result<sqlx::Describe<Postgres>, sqlx::Error>>
    where
        'p: 'e,
    {
        Box::pin(async move {
            let mut connection = self.pool.acquire().await?;
            connection.describe(sql).await
        })
    }
}

/// Under the pool's own policy; see [`DsqlPool::retrying`].
impl<'p> Executor<'p> for &'p DsqlPool {
    type Database = Postgres;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<PgQueryResult, sqlx::Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.retrying(self.retry_policy()).execute(query)
    }

    fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Vec<PgRow>, sqlx::Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.retrying(self.retry_policy()).fetch_all(query)
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.retrying(self.retry_policy()).fetch_optional(query)
    }

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, sqlx::Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.retrying(self.retry_policy()).fetch_many(query)
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'p: 'e,
    {
        self.retrying(self.retry_policy())
            .prepare_with(sql, parameters)
    }

    fn describe<'e>(
        self,
        sql: SqlStr,
    ) -> BoxFuture<'e, Result<sqlx::Describe<Postgres>, sqlx::Error>>
    where
        'p: 'e,
    {
        self.retrying(self.retry_policy()).describe(sql)
    }
}

/// A query that can be handed to SQLx more than once.
struct Kept {
    sql: SqlStr,
    statement: Option<PgStatement>,
    /// None: it is sent by the simple protocol.
    arguments: Option<PgArguments>,
    is_persistent: bool,
}

impl Kept {
    fn of<'q>(mut query: impl Execute<'q, Postgres>) -> Result<Self, sqlx::Error> {
        let arguments = query.take_arguments().map_err(sqlx::Error::Encode)?;
        Ok(Self {
            statement: query.statement().cloned(),
            arguments,
            is_persistent: query.persistent(),
            sql: query.sql(),
        })
    }
}

impl<'q> Execute<'q, Postgres> for &'q Kept {
    fn sql(self) -> SqlStr {
        self.sql.clone()
    }

    fn statement(&self) -> Option<&PgStatement> {
        self.statement.as_ref()
    }

    fn take_arguments(&mut self) -> Result<Option<PgArguments>, sqlx::error::BoxDynError> {
        Ok(self.arguments.clone())
    }

    fn persistent(&self) -> bool {
        self.is_persistent
    }
}
