//! Transactions.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use dsql_sql::Step;
use dsql_sqlx::sqlx::{self, AssertSqlSafe, Executor as _, PgConnection, Postgres};
use dsql_sqlx::{ErrorClass, ErrorExt as _};
use sea_orm::{
    AccessMode, ConnectionTrait, DbBackend, DbErr, ExecResult, IsolationLevel, QueryResult,
    Statement, StreamTrait, TransactionError, TransactionOptions, TransactionSession,
    TransactionTrait,
};
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use tokio::sync::{Mutex, MutexGuard};

use crate::connection::sqlx_query;
use crate::ddl::Route;
use crate::error::{acquire_err, commit_err, exec_err, query_err, refused};
use crate::{Dsql, DsqlStream};

/// An open transaction, or one nested in it.
///
/// A nested transaction joins the outer one: it begins and commits without a
/// word to the server. When it is rolled back (or dropped, which is the same),
/// the outer transaction is doomed, since there are no savepoints to go back
/// to: its `commit` rolls everything back and fails with an error that says
/// so. The same holds when a statement fails and the application goes on
/// regardless: PostgreSQL answers such a COMMIT with a silent ROLLBACK.
///
/// Dropped without a commit, it is rolled back.
pub struct DsqlTransaction {
    shared: Arc<Shared>,
    nested: bool,
    open: bool,
}

impl fmt::Debug for DsqlTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DsqlTransaction")
            .field("nested", &self.nested)
            .field("doomed", &self.shared.doom.get().is_some())
            .finish_non_exhaustive()
    }
}

/// What a transaction and those nested in it have in common.
struct Shared {
    dsql: Dsql,
    /// Taken out when the transaction has ended.
    transaction: Mutex<Option<dsql_sqlx::Transaction>>,
    /// The first thing that made it impossible to commit.
    doom: OnceLock<Doom>,
}

#[derive(Clone)]
enum Doom {
    InnerRollback,
    Failed(Arc<sqlx::Error>),
}

impl DsqlTransaction {
    /// Is it nested in another, so that its commit says nothing to the server?
    pub fn is_nested(&self) -> bool {
        self.nested
    }

    /// Commits. On a nested transaction this only says that it was not rolled back.
    ///
    /// # Errors
    ///
    /// An error that says why, when the transaction was doomed; the server's
    /// answer otherwise. [`ErrorClass::Ambiguous`] when the connection was lost
    /// meanwhile.
    pub async fn commit(mut self) -> Result<(), DbErr> {
        if self.nested {
            self.open = false;
            return match self.shared.doom.get() {
                None => Ok(()),
                Some(doom) => Err(doom.to_error()),
            };
        }
        self.try_commit().await.map_err(|(error, _)| error)
    }

    /// Rolls back. On a nested transaction this dooms the outer one.
    pub async fn rollback(mut self) -> Result<(), DbErr> {
        self.open = false;
        if self.nested {
            self.shared.doom(Doom::InnerRollback);
            return Ok(());
        }
        let transaction = self.shared.transaction.lock().await.take();
        let transaction = transaction.ok_or_else(ended)?;
        match self.shared.doom.get() {
            None => transaction.rollback().await.map_err(query_err),
            Some(doom) => {
                doom.end(transaction).await;
                Ok(())
            }
        }
    }

    pub(crate) fn of(dsql: &Dsql, transaction: dsql_sqlx::Transaction) -> Self {
        let shared = Shared {
            dsql: dsql.clone(),
            transaction: Mutex::new(Some(transaction)),
            doom: OnceLock::new(),
        };
        Self {
            shared: Arc::new(shared),
            nested: false,
            open: true,
        }
    }

    /// As `commit` of the outermost; with the error comes the connection,
    /// where the transaction had better be run again on it.
    pub(crate) async fn try_commit(mut self) -> Result<(), (DbErr, Connection)> {
        self.open = false;
        let transaction = self.shared.transaction.lock().await.take();
        let transaction = transaction.ok_or_else(|| (ended(), None))?;
        match self.shared.doom.get() {
            None => {
                let committed = transaction.try_commit().await;
                committed.map_err(|(error, connection)| (commit_err(error), connection))
            }
            Some(doom) => Err((doom.to_error(), doom.end(transaction).await)),
        }
    }

    /// Rolls the outermost back, whatever it takes.
    pub(crate) async fn abandon(mut self) -> Connection {
        self.open = false;
        let transaction = self.shared.transaction.lock().await.take()?;
        self.shared.doom.get()?.end(transaction).await
    }

    /// The class of the database error that doomed it, if one did.
    pub(crate) fn doom_class(&self) -> Option<ErrorClass> {
        match self.shared.doom.get()? {
            Doom::InnerRollback => None,
            Doom::Failed(error) => Some(error.class()),
        }
    }

    pub(crate) async fn rows(&self, stmt: &Statement) -> Result<Vec<PgRow>, DbErr> {
        let mut guard = self.lock().await;
        let rows = sqlx_query(stmt).fetch_all(guard.connection()?).await;
        guard.settle(rows, query_err)
    }

    async fn lock(&self) -> Guard<'_> {
        Guard {
            transaction: self.shared.transaction.lock().await,
            shared: &self.shared,
        }
    }

    fn join(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            nested: true,
            open: true,
        }
    }

    /// DDL that comes to one statement, which the server then takes or not.
    async fn execute_ddl(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let plan = self.shared.dsql.translate(sql)?;
        let [Step::Ddl(sql)] = plan.steps.as_slice() else {
            return Err(refused(format!(
                "cannot be run inside a transaction: Aurora DSQL takes one DDL statement a \
                 transaction, nothing with it, and this comes to {} steps. Run it outside, on the \
                 connection itself. The statement was: {}",
                plan.steps.len(),
                sql.trim()
            )));
        };
        self.execute_text(sql).await
    }

    async fn execute_text(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut guard = self.lock().await;
        let done = guard
            .connection()?
            .execute(AssertSqlSafe(sql.to_owned()))
            .await;
        guard.settle(done, exec_err).map(Into::into)
    }
}

impl Drop for DsqlTransaction {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        if self.nested {
            self.shared.doom(Doom::InnerRollback);
        } else if let Ok(mut transaction) = self.shared.transaction.try_lock() {
            // Those nested in it may outlive it; the transaction must not.
            drop(transaction.take());
        }
    }
}

impl Shared {
    fn doom(&self, doom: Doom) {
        // The first cause is the one that explains the others.
        let _ = self.doom.set(doom);
    }
}

impl Doom {
    fn to_error(&self) -> DbErr {
        match self {
            Self::InnerRollback => refused(
                "the transaction was rolled back, not committed: a transaction nested in it was \
                 rolled back or dropped, and without savepoints, which Aurora DSQL does not have, \
                 the outer one cannot go on without it. Do what may fail before the transaction, \
                 or let the error end the outer one too",
            ),
            Self::Failed(error) => match error.class() {
                // The transaction may be run again; the caller can tell by the class.
                ErrorClass::Conflict | ErrorClass::SchemaChanged | ErrorClass::Unavailable => {
                    DbErr::Query(sea_orm::RuntimeErr::SqlxError(Arc::clone(error)))
                }
                _ => refused(format!(
                    "the transaction was rolled back, not committed: a statement in it had failed \
                     ({error}) and the error was passed over. Let the error end the transaction, \
                     or avoid it with ON CONFLICT or a query before the statement"
                )),
            },
        }
    }

    async fn end(&self, transaction: dsql_sqlx::Transaction) -> Connection {
        match self {
            Self::InnerRollback => {
                let _ = transaction.rollback().await;
                None
            }
            Self::Failed(error) => transaction.abandon(error).await,
        }
    }
}

/// The connection to run a transaction on again, where it matters which.
pub(crate) type Connection = Option<PoolConnection<Postgres>>;

/// The transaction's connection, held for one statement.
pub(crate) struct Guard<'a> {
    transaction: MutexGuard<'a, Option<dsql_sqlx::Transaction>>,
    shared: &'a Shared,
}

impl Guard<'_> {
    /// For a statement whose answer is then to be [settled](Self::settle).
    pub(crate) fn connection(&mut self) -> Result<&mut PgConnection, DbErr> {
        self.transaction.as_deref_mut().ok_or_else(ended)
    }

    /// The answer of a statement, which is remembered when it ended the transaction.
    pub(crate) fn settle<T>(
        &self,
        answer: Result<T, sqlx::Error>,
        wrap: fn(Arc<sqlx::Error>) -> DbErr,
    ) -> Result<T, DbErr> {
        answer.map_err(|error| {
            let error = Arc::new(error);
            if ends_transaction(&error) {
                self.shared.doom(Doom::Failed(Arc::clone(&error)));
            }
            wrap(error)
        })
    }
}

/// Was it the server, or the way to it, that failed?
fn ends_transaction(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::Database(_) | sqlx::Error::Io(_) | sqlx::Error::Protocol(_)
    )
}

fn ended() -> DbErr {
    refused("the transaction has ended: its outermost handle was committed, rolled back or dropped")
}

/// The statement that begins a transaction, or why it cannot be had.
fn begin_statement(
    isolation: Option<IsolationLevel>,
    access: Option<AccessMode>,
) -> Result<&'static str, DbErr> {
    match isolation {
        None | Some(IsolationLevel::RepeatableRead) => {}
        Some(other) => {
            return Err(refused(format!(
                "isolation level {other} cannot be had: every transaction of Aurora DSQL is \
                 REPEATABLE READ (snapshot isolation). Pass None or RepeatableRead; to guard rows \
                 that are only read, select them FOR UPDATE (lock_exclusive)"
            )));
        }
    }
    Ok(match access {
        None => "BEGIN",
        Some(AccessMode::ReadOnly) => "BEGIN READ ONLY",
        Some(AccessMode::ReadWrite) => "BEGIN READ WRITE",
    })
}

#[async_trait::async_trait]
impl ConnectionTrait for DsqlTransaction {
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
        let mut guard = self.lock().await;
        let done = sqlx_query(&stmt).execute(guard.connection()?).await;
        guard.settle(done, exec_err).map(Into::into)
    }

    #[tracing::instrument(level = "trace", skip(self, sql))]
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match Route::of_script(sql) {
            Route::PassOn => self.execute_text(sql).await,
            Route::Translate => self.execute_ddl(sql).await,
            Route::Refuse(error) => Err(error),
        }
    }

    #[tracing::instrument(level = "trace", skip(self, stmt))]
    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut guard = self.lock().await;
        let row = sqlx_query(&stmt).fetch_optional(guard.connection()?).await;
        Ok(guard.settle(row, query_err)?.map(Into::into))
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

impl StreamTrait for DsqlTransaction {
    type Stream<'a> = DsqlStream<'a>;

    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    fn stream_raw<'a>(
        &'a self,
        stmt: Statement,
    ) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + 'a + Send>> {
        Box::pin(async move { Ok(DsqlStream::of_transaction(self.lock().await, stmt)) })
    }
}

#[async_trait::async_trait]
impl TransactionSession for DsqlTransaction {
    async fn commit(self) -> Result<(), DbErr> {
        self.commit().await
    }

    async fn rollback(self) -> Result<(), DbErr> {
        self.rollback().await
    }
}

/// `TransactionTrait` but for how a transaction begins.
macro_rules! transaction_trait {
    ($type:ty, |$self:ident, $isolation:ident, $access:ident| $begin:expr) => {
        #[async_trait::async_trait]
        impl TransactionTrait for $type {
            type Transaction = DsqlTransaction;

            async fn begin(&self) -> Result<DsqlTransaction, DbErr> {
                self.begin_with_config(None, None).await
            }

            #[tracing::instrument(level = "trace", skip(self))]
            async fn begin_with_config(
                &$self,
                $isolation: Option<IsolationLevel>,
                $access: Option<AccessMode>,
            ) -> Result<DsqlTransaction, DbErr> {
                $begin
            }

            async fn begin_with_options(
                &self,
                options: TransactionOptions,
            ) -> Result<DsqlTransaction, DbErr> {
                self.begin_with_config(options.isolation_level, options.access_mode).await
            }

            async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
            where
                F: for<'c> FnOnce(
                        &'c DsqlTransaction,
                    )
                        -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
                    + Send,
                T: Send,
                E: fmt::Display + fmt::Debug + Send,
            {
                self.transaction_with_config(callback, None, None).await
            }

            async fn transaction_with_config<F, T, E>(
                &self,
                callback: F,
                isolation_level: Option<IsolationLevel>,
                access_mode: Option<AccessMode>,
            ) -> Result<T, TransactionError<E>>
            where
                F: for<'c> FnOnce(
                        &'c DsqlTransaction,
                    )
                        -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
                    + Send,
                T: Send,
                E: fmt::Display + fmt::Debug + Send,
            {
                let transaction = self
                    .begin_with_config(isolation_level, access_mode)
                    .await
                    .map_err(TransactionError::Connection)?;
                match callback(&transaction).await {
                    Ok(value) => {
                        transaction.commit().await.map_err(TransactionError::Connection)?;
                        Ok(value)
                    }
                    Err(error) => {
                        transaction.rollback().await.map_err(TransactionError::Connection)?;
                        Err(TransactionError::Transaction(error))
                    }
                }
            }
        }
    };
}

transaction_trait!(Dsql, |self, isolation_level, access_mode| {
    let begin = begin_statement(isolation_level, access_mode)?;
    let transaction = self.pool.begin_with(begin).await.map_err(acquire_err)?;
    Ok(DsqlTransaction::of(self, transaction))
});

// The outer transaction's access mode holds for those nested in it.
transaction_trait!(DsqlTransaction, |self, isolation_level, access_mode| {
    begin_statement(isolation_level, access_mode)?;
    Ok(self.join())
});
