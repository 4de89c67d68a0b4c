//! A `DatabaseConnection` that is a [`Dsql`](crate::Dsql), for migrations only:
//! a proxy cannot report a failed COMMIT and does not know the order of columns.

use std::fmt;
use std::sync::Arc;

use dsql_sql::Kind;
use dsql_sqlx::sqlx::{self, AssertSqlSafe, Executor as _};
use dsql_sqlx::{Recorded, RunRecorded};
use sea_orm::{
    ConnectionTrait as _, DbErr, ProxyDatabaseTrait, ProxyExecResult, ProxyRow, Statement,
};

use super::cell::{self, Row};
use super::session::Session;
use crate::connection::sqlx_query;
use crate::ddl::{Route, plan_err};
use crate::error::{query_err, refused};

pub(super) struct Proxy {
    session: Arc<Session>,
}

impl Proxy {
    pub(super) fn new(session: Arc<Session>) -> Self {
        Self { session }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proxy")
    }
}

#[async_trait::async_trait]
impl ProxyDatabaseTrait for Proxy {
    async fn query(&self, statement: Statement) -> Result<Vec<ProxyRow>, DbErr> {
        let mut recording = self.session.recording().await;
        let Some(recording) = recording.as_mut() else {
            let rows = self.session.db.rows(&statement).await?;
            let rows = rows.iter().map(cell::row).collect::<Result<Vec<_>, _>>();
            return Ok(proxy_rows(rows.map_err(query_err)?));
        };
        let values = values(&statement);
        let recorded = Recorded {
            sql: &statement.sql,
            values: &values,
        };
        let answer = match Does::of(&statement.sql) {
            Does::Write => recording.write(recorded, fetch(&statement)).await,
            _ => recording.read(recorded, fetch(&statement)).await,
        };
        let answer = answer.map_err(|error| query_err(sqlx::Error::from(error)))?;
        let rows: Vec<Row> = serde_json::from_str(&answer).map_err(not_a_record)?;
        Ok(proxy_rows(rows))
    }

    async fn execute(&self, statement: Statement) -> Result<ProxyExecResult, DbErr> {
        let db = &self.session.db;
        let mut recording = self.session.recording().await;
        if let Some(recording) = recording.as_mut() {
            let route = match statement.values {
                // May hold several statements.
                None => Route::of_script(&statement.sql),
                Some(_) => Route::of(&statement.sql),
            };
            match (route, Does::of(&statement.sql)) {
                (Route::Refuse(error), _) => return Err(error),
                (Route::Translate, _) => {
                    let plan = db.translate(&statement.sql)?;
                    let progress = |progress: dsql_sqlx::Progress<'_>| db.tell(&progress);
                    let run = recording.plan(&statement.sql, &plan, progress);
                    run.await.map_err(plan_err)?;
                    return Ok(ProxyExecResult::default());
                }
                // It may call functions that write.
                (Route::PassOn, Does::Write | Does::Read) => {
                    let values = values(&statement);
                    let recorded = Recorded {
                        sql: &statement.sql,
                        values: &values,
                    };
                    let rows = recording.write(recorded, execute(&statement)).await;
                    let rows = rows.map_err(plan_err)?;
                    let rows = rows.parse().map_err(not_a_record)?;
                    return Ok(ProxyExecResult::new(0, rows));
                }
                (Route::PassOn, Does::Else) => {}
            }
        }
        let done = match statement.values {
            None => db.execute_unprepared(&statement.sql).await?,
            Some(_) => db.execute_raw(statement).await?,
        };
        Ok(ProxyExecResult::new(0, done.rows_affected()))
    }

    async fn rollback(&self) {
        tracing::warn!(
            "a migration rolled a transaction back; on Aurora DSQL its statements were committed \
             one by one and stay"
        );
    }

    async fn ping(&self) -> Result<(), DbErr> {
        self.session.db.ping().await
    }
}

/// What the statements of a text do, taken together.
#[derive(Clone, Copy)]
enum Does {
    Write,
    Read,
    Else,
}

impl Does {
    fn of(sql: &str) -> Self {
        let mut does = Self::Else;
        for statement in dsql_sql::split(sql) {
            match statement.kind() {
                Kind::Write => return Self::Write,
                Kind::Read => does = Self::Read,
                _ => {}
            }
        }
        does
    }
}

fn values(statement: &Statement) -> String {
    match &statement.values {
        Some(values) => format!("{values:?}"),
        None => String::new(),
    }
}

fn fetch(statement: &Statement) -> RunRecorded {
    let statement = Arc::new(statement.clone());
    Arc::new(move |connection| {
        let statement = statement.clone();
        Box::pin(async move {
            let rows = sqlx_query(&statement).fetch_all(connection).await?;
            let rows = rows.iter().map(cell::row).collect::<Result<Vec<_>, _>>()?;
            serde_json::to_string(&rows).map_err(|error| sqlx::Error::Encode(error.into()))
        })
    })
}

fn execute(statement: &Statement) -> RunRecorded {
    let statement = Arc::new(statement.clone());
    Arc::new(move |connection| {
        let statement = statement.clone();
        Box::pin(async move {
            let done = match &statement.values {
                None => {
                    let script = AssertSqlSafe(statement.sql.clone());
                    connection.execute(script).await?
                }
                Some(_) => sqlx_query(&statement).execute(connection).await?,
            };
            Ok(done.rows_affected().to_string())
        })
    })
}

fn proxy_rows(rows: Vec<Row>) -> Vec<ProxyRow> {
    rows.into_iter()
        .map(|row| {
            let cells = row.into_iter().map(|(name, cell)| (name, cell.into()));
            ProxyRow::new(cells.collect())
        })
        .collect()
}

fn not_a_record(error: impl fmt::Display) -> DbErr {
    refused(format!(
        "what the table dsql_record holds of this migration cannot be read: {error}. Forget it with \
         DsqlMigrator::forget"
    ))
}
