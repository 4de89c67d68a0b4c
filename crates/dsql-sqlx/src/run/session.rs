//! The connection that the steps of a run share, and what they set on it.

use std::time::{Duration, Instant};

use dsql_sql::{Kind, Statement, Step};
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgQueryResult;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Postgres};

use crate::DsqlPool;
use crate::error::ErrorExt as _;
use crate::transaction::forget_statements;

/// A connection that was idle for as long is asked whether it is still there.
const TEST_WHEN_IDLE_FOR: Duration = Duration::from_secs(1);
/// The service ends connections at 60 minutes; a step begun before that has
/// ten to go.
const RENEW_AFTER: Duration = Duration::from_secs(50 * 60);

/// One connection, made again when it is lost, with the same settings.
pub(crate) struct Session {
    pool: DsqlPool,
    connection: Option<Held>,
    /// The statements that set something, in order.
    settings: Vec<String>,
    has_changed_schema: bool,
}

struct Held {
    connection: PoolConnection<Postgres>,
    since: Instant,
    used: Instant,
    /// Not as it was found: other users of the pool must not get it.
    is_touched: bool,
}

impl Session {
    pub(crate) fn new(pool: DsqlPool) -> Self {
        Self {
            pool,
            connection: None,
            settings: Vec::new(),
            has_changed_schema: false,
        }
    }

    /// The connection, with what was set on it.
    pub(crate) async fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        let mut held = match self.connection.take() {
            Some(held) if held.since.elapsed() > RENEW_AFTER => {
                close(held);
                None
            }
            Some(mut held) if held.used.elapsed() > TEST_WHEN_IDLE_FOR => {
                match held.connection.ping().await {
                    Ok(()) => Some(held),
                    Err(error) => {
                        tracing::debug!(%error, "the connection was lost while it was idle");
                        close(held);
                        None
                    }
                }
            }
            held => held,
        };
        if held.is_none() {
            let mut connection = self.pool.acquire().await?;
            for sql in &self.settings {
                connection.execute(AssertSqlSafe(sql.clone())).await?;
            }
            held = Some(Held {
                connection,
                since: Instant::now(),
                used: Instant::now(),
                is_touched: !self.settings.is_empty(),
            });
        }
        let held = self.connection.insert(held.ok_or(sqlx::Error::PoolClosed)?);
        held.used = Instant::now();
        Ok(&mut held.connection)
    }

    /// A step has changed the schema, or may have.
    pub(crate) fn schema_changed(&mut self) {
        self.has_changed_schema = true;
        self.pool.schema_changed();
    }

    /// Before the connection goes back to the pool: what it has prepared may
    /// not fit the schema any more.
    pub(crate) async fn finish(&mut self) {
        if std::mem::take(&mut self.has_changed_schema)
            && let Some(held) = &mut self.connection
        {
            forget_statements(&mut held.connection).await;
        }
    }

    /// Runs a statement that is its own transaction.
    pub(crate) async fn execute(&mut self, sql: &str) -> Result<PgQueryResult, sqlx::Error> {
        let connection = self.connection().await?;
        let result = connection.execute(AssertSqlSafe(sql.to_owned())).await;
        self.used();
        result
    }

    /// Begins a transaction. Until [`end`](Self::end) its statements go to
    /// [`inside`](Self::inside).
    pub(crate) async fn begin(&mut self, begin: &str) -> Result<(), sqlx::Error> {
        self.connection().await?;
        // Whoever drops this future leaves the transaction open.
        self.touch();
        self.execute(begin).await.map(drop)
    }

    /// The connection in a transaction: never another one.
    pub(crate) fn inside(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        match &mut self.connection {
            Some(held) => Ok(&mut held.connection),
            None => Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted).into()),
        }
    }

    /// Ends a transaction by COMMIT or ROLLBACK.
    pub(crate) async fn end(&mut self, end: &'static str) -> Result<(), sqlx::Error> {
        self.inside()?.execute(end).await?;
        let is_touched = !self.settings.is_empty();
        if let Some(held) = &mut self.connection {
            held.is_touched = is_touched;
            held.used = Instant::now();
        }
        Ok(())
    }

    /// After an error: the connection is closed where it may not be what it
    /// was, and its cached statements are dropped where they are out of date.
    pub(crate) async fn heal(&mut self, error: &sqlx::Error, in_transaction: bool) {
        let is_answer = matches!(error, sqlx::Error::Database(_));
        if !is_answer || (in_transaction && self.end("ROLLBACK").await.is_err()) {
            self.lose();
        } else if error.is_stale_schema()
            && let Some(held) = &mut self.connection
        {
            forget_statements(&mut held.connection).await;
        }
    }

    /// Closes the connection; the next use makes another.
    pub(crate) fn lose(&mut self) {
        if let Some(held) = self.connection.take() {
            close(held);
        }
    }

    /// Keeps in mind what a step has set, for a connection that is made anew.
    pub(crate) async fn remember(&mut self, step: &Step) {
        let statements = match step {
            Step::Dml(sql) => std::slice::from_ref(sql),
            Step::Transaction(transaction) => transaction.statements(),
            _ => return,
        };
        for sql in statements {
            let Some(touches) = touches(sql) else {
                continue;
            };
            self.touch();
            match touches {
                Touches::Settings => self.settings.push(sql.clone()),
                Touches::Statements => {
                    if let Some(held) = &mut self.connection {
                        forget_statements(&mut held.connection).await;
                    }
                }
            }
        }
    }

    fn touch(&mut self) {
        if let Some(held) = &mut self.connection {
            held.is_touched = true;
        }
    }

    fn used(&mut self) {
        if let Some(held) = &mut self.connection {
            held.used = Instant::now();
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(held) = &mut self.connection
            && held.is_touched
        {
            held.connection.close_on_drop();
        }
    }
}

fn close(mut held: Held) {
    held.connection.close_on_drop();
}

enum Touches {
    /// To be said again on a new connection.
    Settings,
    /// Takes away the statements that SQLx has cached on the server.
    Statements,
}

fn touches(sql: &str) -> Option<Touches> {
    let statement = Statement::new(sql);
    let text = statement.text();
    let starts = |word: &str| {
        text.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    match statement.kind() {
        Kind::Session if starts("DEALLOCATE") || starts("DISCARD") => Some(Touches::Statements),
        Kind::Session => Some(Touches::Settings),
        // pg_dump sets the search path by a function.
        Kind::Read if text.to_ascii_lowercase().contains("set_config") => Some(Touches::Settings),
        _ => None,
    }
}
