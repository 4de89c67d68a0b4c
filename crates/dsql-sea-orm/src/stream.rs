//! Rows as they arrive.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use dsql_sqlx::StatementAttempts;
use futures_core::Stream;
use futures_util::TryStreamExt as _;
use sea_orm::{DbErr, QueryResult, Statement};

use crate::Dsql;
use crate::connection::sqlx_query;
use crate::error::{acquire_err, query_err};
use crate::transaction::Guard;

/// The rows of a query as they arrive; what `stream` answers on [`Dsql`] and
/// on [`DsqlTransaction`](crate::DsqlTransaction).
///
/// It holds its connection, or the transaction's, until it is dropped.
pub struct DsqlStream<'a> {
    rows: Pin<Box<dyn Stream<Item = Result<QueryResult, DbErr>> + Send + 'a>>,
}

impl fmt::Debug for DsqlStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DsqlStream").finish_non_exhaustive()
    }
}

impl<'a> DsqlStream<'a> {
    /// Begun again as the pool's policy says, as long as no row was handed out.
    pub(crate) async fn of_pool(dsql: &'a Dsql, stmt: Statement) -> Result<Self, DbErr> {
        let mut attempts = dsql.attempts();
        let mut connection = attempts.connection().await.map_err(acquire_err)?;
        let rows = async_stream::try_stream! {
            loop {
                let mut handed_out = false;
                let failed = {
                    let mut rows = sqlx_query(&stmt).fetch(&mut *connection);
                    loop {
                        match rows.try_next().await {
                            Ok(Some(row)) => {
                                handed_out = true;
                                yield QueryResult::from(row);
                            }
                            Ok(None) => break None,
                            Err(error) => break Some(error),
                        }
                    }
                };
                let Some(error) = failed else { break };
                if handed_out {
                    let error = StatementAttempts::give_up(connection, &stmt.sql, error).await;
                    Err(query_err(error))?;
                    break;
                }
                let again = attempts.again(connection, &stmt.sql, error).await;
                again.map_err(query_err)?;
                connection = attempts.connection().await.map_err(acquire_err)?;
            }
        };
        Ok(Self {
            rows: Box::pin(rows),
        })
    }

    pub(crate) fn of_transaction(mut guard: Guard<'a>, stmt: Statement) -> Self {
        let rows = async_stream::try_stream! {
            let failed = {
                let mut rows = sqlx_query(&stmt).fetch(guard.connection()?);
                loop {
                    match rows.try_next().await {
                        Ok(Some(row)) => yield QueryResult::from(row),
                        Ok(None) => break None,
                        Err(error) => break Some(error),
                    }
                }
            };
            guard.settle(failed.map_or(Ok(()), Err), query_err)?;
        };
        Self {
            rows: Box::pin(rows),
        }
    }
}

impl Stream for DsqlStream<'_> {
    type Item = Result<QueryResult, DbErr>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.rows.as_mut().poll_next(cx)
    }
}
