//! Statements outside transactions.

use std::pin::Pin;

use dsql_sql::Step;
use dsql_sqlx::StatementAttempts;
use dsql_sqlx::sqlx::{self, AssertSqlSafe, Postgres, query::Query};
use sea_orm::sea_query::Values;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, StreamTrait};
use sea_query_sqlx::SqlxValues;
use sqlx::postgres::PgRow;

use crate::ddl::Route;
use crate::error::{acquire_err, exec_err, query_err};
use crate::{Dsql, DsqlStream};

/// A statement of SeaORM as a query of SQLx.
pub(crate) fn sqlx_query(stmt: &Statement) -> Query<'_, Postgres, SqlxValues> {
    let values = SqlxValues(stmt.values.clone().unwrap_or_else(|| Values(Vec::new())));
    match with_stronger_lock(&stmt.sql) {
        Some(sql) => sqlx::query_with(AssertSqlSafe(sql), values),
        None => sqlx::query_with(AssertSqlSafe(stmt.sql.as_str()), values),
    }
}

/// A read by `lock_shared()`, with the lock that the service has instead: FOR
/// UPDATE. SeaORM writes the clause last.
fn with_stronger_lock(sql: &str) -> Option<String> {
    const LONGEST: usize = 32;

    let tail = &sql.as_bytes()[sql.len().saturating_sub(LONGEST)..];
    let has = |clause: &[u8]| tail.windows(clause.len()).any(|part| part == clause);
    if !has(b"FOR SHARE") && !has(b"FOR NO KEY UPDATE") {
        return None;
    }
    let plan = dsql_sql::translate(sql, &dsql_sql::Options::default());
    match plan.steps.as_slice() {
        [Step::Dml(sql)] if plan.errors.is_empty() => Some(sql.clone()),
        _ => None,
    }
}

/// Runs `$run` on a connection, and again as the pool's policy says: `$sql` is
/// a transaction of its own here and nothing of its answer has reached the
/// caller.
macro_rules! autocommit {
    ($dsql:expr, $sql:expr, $wrap:expr, |$connection:ident| $run:expr) => {{
        let mut attempts = $dsql.attempts();
        loop {
            let mut $connection = attempts.connection().await.map_err(acquire_err)?;
            match $run.await {
                Ok(answer) => break Ok(answer),
                Err(error) => {
                    if let Err(error) = attempts.again($connection, $sql, error).await {
                        break Err($wrap(error));
                    }
                }
            }
        }
    }};
}

impl Dsql {
    /// The rows of a query, as SQLx gives them.
    pub(crate) async fn rows(&self, stmt: &Statement) -> Result<Vec<PgRow>, DbErr> {
        autocommit!(self, &stmt.sql, query_err, |connection| sqlx_query(stmt)
            .fetch_all(&mut *connection))
    }

    pub(crate) fn attempts(&self) -> StatementAttempts<'_> {
        StatementAttempts::new(&self.pool, self.pool.retry_policy())
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Dsql {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    #[tracing::instrument(level = "trace", skip(self, stmt))]
    async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
        match Route::of(&stmt.sql) {
            Route::PassOn => {}
            Route::Translate => return self.execute_ddl(&stmt.sql).await,
            Route::Refuse(error) => return Err(error),
        }
        autocommit!(self, &stmt.sql, exec_err, |connection| sqlx_query(&stmt)
            .execute(&mut *connection))
        .map(Into::into)
    }

    #[tracing::instrument(level = "trace", skip(self, sql))]
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match Route::of_script(sql) {
            Route::PassOn => {}
            Route::Translate => return self.execute_ddl(sql).await,
            Route::Refuse(error) => return Err(error),
        }
        use sqlx::Executor as _;
        autocommit!(self, sql, exec_err, |connection| connection
            .execute(AssertSqlSafe(sql.to_owned())))
        .map(Into::into)
    }

    #[tracing::instrument(level = "trace", skip(self, stmt))]
    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        autocommit!(self, &stmt.sql, query_err, |connection| {
            sqlx_query(&stmt).fetch_optional(&mut *connection)
        })
        .map(|row| row.map(Into::into))
    }

    #[tracing::instrument(level = "trace", skip(self, stmt))]
    async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(self
            .rows(&stmt)
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }
}

impl StreamTrait for Dsql {
    type Stream<'a> = DsqlStream<'a>;

    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    fn stream_raw<'a>(
        &'a self,
        stmt: Statement,
    ) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + 'a + Send>> {
        Box::pin(DsqlStream::of_pool(self, stmt))
    }
}
