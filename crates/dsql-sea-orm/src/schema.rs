//! What `SchemaBuilder::sync` reads the catalog through.

use std::sync::Arc;

use dsql_sqlx::sqlx::{self, postgres::PgRow};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{DbBackend, DbErr, RuntimeErr, Statement};
use sea_schema::Connection;
use sea_schema::sqlx_types::SqlxRow;

use crate::{Dsql, DsqlTransaction};

#[async_trait::async_trait]
impl Connection for Dsql {
    async fn query_all(&self, select: SelectStatement) -> Result<Vec<SqlxRow>, sqlx::Error> {
        answer(self.rows(&DbBackend::Postgres.build(&select)).await)
    }

    async fn query_all_raw(&self, sql: String) -> Result<Vec<SqlxRow>, sqlx::Error> {
        answer(
            self.rows(&Statement::from_string(DbBackend::Postgres, sql))
                .await,
        )
    }
}

#[async_trait::async_trait]
impl Connection for DsqlTransaction {
    async fn query_all(&self, select: SelectStatement) -> Result<Vec<SqlxRow>, sqlx::Error> {
        answer(self.rows(&DbBackend::Postgres.build(&select)).await)
    }

    async fn query_all_raw(&self, sql: String) -> Result<Vec<SqlxRow>, sqlx::Error> {
        answer(
            self.rows(&Statement::from_string(DbBackend::Postgres, sql))
                .await,
        )
    }
}

fn answer(rows: Result<Vec<PgRow>, DbErr>) -> Result<Vec<SqlxRow>, sqlx::Error> {
    match rows {
        Ok(rows) => Ok(rows.into_iter().map(SqlxRow::Postgres).collect()),
        Err(
            DbErr::Query(RuntimeErr::SqlxError(error)) | DbErr::Conn(RuntimeErr::SqlxError(error)),
        ) => {
            // A transaction keeps a share of the error that doomed it.
            Err(Arc::try_unwrap(error)
                .unwrap_or_else(|error| sqlx::Error::Io(std::io::Error::other(error.to_string()))))
        }
        Err(error) => Err(sqlx::Error::Io(std::io::Error::other(error))),
    }
}
