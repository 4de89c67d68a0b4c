//! A transaction on a pooled connection.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Connection as _, Database, PgConnection, Postgres, SqlSafeStr as _};
use sqlx_core::transaction::TransactionManager as _;

use crate::error::{Error, ErrorExt};

type PgTransactionManager = <Postgres as Database>::TransactionManager;

/// An open transaction. It dereferences to the [`PgConnection`] it runs on, so
/// `&mut *tx` goes wherever SQLx takes an executor.
///
/// Dropped without a [`commit`](Self::commit) it is rolled back, before any
/// other user of the pool gets the connection. `sqlx::Connection::begin` on it
/// would send SAVEPOINT, which the service refuses.
#[derive(Debug)]
pub struct Transaction {
    connection: PoolConnection<Postgres>,
    open: bool,
}

impl Transaction {
    /// `begin` is the statement that begins it: `BEGIN`, `BEGIN READ ONLY`.
    pub(crate) async fn begin(
        connection: PoolConnection<Postgres>,
        begin: String,
    ) -> Result<Self, sqlx::Error> {
        let mut beginning = Beginning(Some(connection));
        let connection = beginning.0.as_mut().ok_or(sqlx::Error::PoolClosed)?;
        PgTransactionManager::begin(connection, Some(AssertSqlSafe(begin).into_sql_str())).await?;
        let connection = beginning.0.take().ok_or(sqlx::Error::PoolClosed)?;
        Ok(Self {
            connection,
            open: true,
        })
    }

    /// Commits.
    ///
    /// # Errors
    ///
    /// [`Error::Ambiguous`] when the connection was lost meanwhile; a conflict
    /// (class [`Conflict`](crate::ErrorClass::Conflict) or
    /// [`SchemaChanged`](crate::ErrorClass::SchemaChanged)) means that nothing
    /// was applied and the transaction may be run again from its start.
    pub async fn commit(mut self) -> Result<(), Error> {
        match PgTransactionManager::commit(&mut self.connection).await {
            Ok(()) => {
                self.open = false;
                Ok(())
            }
            Err(source) if source.commit_class() == crate::ErrorClass::Ambiguous => {
                Err(Error::Ambiguous { source })
            }
            Err(source) => {
                self.heal(&source).await;
                Err(Error::Database(source))
            }
        }
    }

    /// Rolls back.
    pub async fn rollback(mut self) -> Result<(), sqlx::Error> {
        PgTransactionManager::rollback(&mut self.connection).await?;
        self.open = false;
        Ok(())
    }

    /// After `error` ended this transaction: rolls back and, when the error
    /// says that the schema has changed, drops the statements that the
    /// connection has cached, which would fail again for ever.
    ///
    /// [`DsqlPool::transact`](crate::DsqlPool::transact) does this by itself.
    pub async fn abandon(mut self, error: &sqlx::Error) {
        self.heal(error).await;
    }

    async fn heal(&mut self, error: &sqlx::Error) {
        // Otherwise the ROLLBACK that `drop` queues will do, at no wait.
        if error.is_stale_schema()
            && PgTransactionManager::rollback(&mut self.connection)
                .await
                .is_ok()
        {
            self.open = false;
            forget_statements(&mut self.connection).await;
        }
    }
}

impl Deref for Transaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.open {
            // Queued: it is sent before the connection goes back to the pool.
            PgTransactionManager::start_rollback(&mut self.connection);
        }
    }
}

/// Drops the statements that the connection has cached; a connection that
/// cannot is left to the pool's own test.
pub(crate) async fn forget_statements(connection: &mut PgConnection) {
    if let Err(error) = connection.clear_cached_statements().await {
        tracing::debug!(%error, "could not drop cached statements");
    }
}

/// SQLx counts a transaction as open only when BEGIN was answered. Dropped
/// before that, the connection would return to the pool inside a transaction
/// that nobody ends; so it is closed.
struct Beginning(Option<PoolConnection<Postgres>>);

impl Drop for Beginning {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.0 {
            connection.close_on_drop();
        }
    }
}
