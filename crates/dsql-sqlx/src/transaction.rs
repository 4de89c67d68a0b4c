//! A transaction on a pooled connection.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Connection as _, Database, PgConnection, Postgres, SqlSafeStr as _};
use sqlx_core::transaction::TransactionManager as _;

use crate::ErrorClass;
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
    /// Taken out when the transaction has ended.
    connection: Option<PoolConnection<Postgres>>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Beginning,
    Open,
    Ended,
}

impl Transaction {
    /// Begins one on a connection of your own, with a statement such as
    /// `BEGIN` or `BEGIN READ ONLY`.
    pub async fn begin(
        connection: PoolConnection<Postgres>,
        begin: impl Into<String>,
    ) -> Result<Self, sqlx::Error> {
        let begin = AssertSqlSafe(begin.into()).into_sql_str();
        let mut transaction = Self {
            connection: Some(connection),
            state: State::Beginning,
        };
        PgTransactionManager::begin(&mut transaction, Some(begin)).await?;
        transaction.state = State::Open;
        Ok(transaction)
    }

    /// Commits.
    ///
    /// # Errors
    ///
    /// [`Error::Ambiguous`] when the connection was lost meanwhile; a conflict
    /// (class [`Conflict`](ErrorClass::Conflict) or
    /// [`SchemaChanged`](ErrorClass::SchemaChanged)) means that nothing was
    /// applied and the transaction may be run again from its start.
    pub async fn commit(self) -> Result<(), Error> {
        self.try_commit().await.map_err(|(error, _)| error)
    }

    /// As [`commit`](Self::commit); with the error comes the connection, where
    /// the transaction had better be run again on it. See [`abandon`](Self::abandon).
    pub async fn try_commit(mut self) -> Result<(), (Error, Option<PoolConnection<Postgres>>)> {
        match PgTransactionManager::commit(&mut self).await {
            Ok(()) => {
                self.state = State::Ended;
                Ok(())
            }
            Err(source) if source.commit_class() == ErrorClass::Ambiguous => {
                Err((Error::Ambiguous { source }, None))
            }
            Err(source) => {
                let connection = self.abandon(&source).await;
                Err((Error::Database(source), connection))
            }
        }
    }

    /// Rolls back.
    pub async fn rollback(mut self) -> Result<(), sqlx::Error> {
        PgTransactionManager::rollback(&mut self).await?;
        self.state = State::Ended;
        Ok(())
    }

    /// Rolls back after `error` ended the transaction.
    ///
    /// When the error says that the schema has changed, the statements that
    /// the connection has cached are dropped, since some would fail again for
    /// ever, and the connection is given back: it is up to date now, while
    /// others of the pool may not be.
    ///
    /// [`DsqlPool::transact`](crate::DsqlPool::transact) does this by itself.
    pub async fn abandon(mut self, error: &sqlx::Error) -> Option<PoolConnection<Postgres>> {
        if !error.is_stale_schema() {
            // The ROLLBACK that `drop` queues will do, at no wait.
            return None;
        }
        PgTransactionManager::rollback(&mut self).await.ok()?;
        self.state = State::Ended;
        let mut connection = self.connection.take()?;
        forget_statements(&mut connection).await;
        Some(connection)
    }
}

const TAKEN: &str = "a transaction keeps its connection until it ends";

impl Deref for Transaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.connection.as_ref().expect(TAKEN)
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect(TAKEN)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        match self.state {
            // SQLx counts a transaction as open only when BEGIN was answered.
            // Returned to the pool before that, the connection would be inside
            // a transaction that nobody ends.
            State::Beginning => connection.close_on_drop(),
            // Queued: it is sent before anything else on the connection.
            State::Open => PgTransactionManager::start_rollback(connection),
            State::Ended => {}
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
