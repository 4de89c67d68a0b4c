//! A `DatabaseConnection` that is a [`Dsql`], for migrations only: a proxy
//! cannot report a failed COMMIT and does not know the order of columns.

use std::collections::BTreeMap;

use dsql_sqlx::sqlx::{Column as _, Decode, Postgres, Row as _, Type, TypeInfo as _};
use sea_orm::prelude::{
    ChronoDate, ChronoDateTime, ChronoDateTimeUtc, ChronoTime, Decimal, Json, Uuid,
};
use sea_orm::sea_query::Value;
use sea_orm::{
    ConnectionTrait as _, DbErr, ProxyDatabaseTrait, ProxyExecResult, ProxyRow, Statement,
};

use crate::Dsql;
use crate::error::{query_err, refused};

type PgRow = dsql_sqlx::sqlx::postgres::PgRow;

#[derive(Debug)]
pub(crate) struct Proxy {
    db: Dsql,
}

impl Proxy {
    pub(crate) fn new(db: Dsql) -> Self {
        Self { db }
    }
}

#[async_trait::async_trait]
impl ProxyDatabaseTrait for Proxy {
    async fn query(&self, statement: Statement) -> Result<Vec<ProxyRow>, DbErr> {
        self.db
            .rows(&statement)
            .await?
            .iter()
            .map(proxy_row)
            .collect()
    }

    async fn execute(&self, statement: Statement) -> Result<ProxyExecResult, DbErr> {
        let done = match statement.values {
            // May hold several statements.
            None => self.db.execute_unprepared(&statement.sql).await?,
            Some(_) => self.db.execute_raw(statement).await?,
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
        self.db.ping().await
    }
}

fn proxy_row(row: &PgRow) -> Result<ProxyRow, DbErr> {
    let values = row.columns().iter().map(|column| {
        let (at, name) = (column.ordinal(), column.name());
        let value = match column.type_info().name() {
            "BOOL" => Value::Bool(cell(row, at)?),
            "INT2" => Value::SmallInt(cell(row, at)?),
            "INT4" => Value::Int(cell(row, at)?),
            "INT8" => Value::BigInt(cell(row, at)?),
            "FLOAT4" => Value::Float(cell(row, at)?),
            "FLOAT8" => Value::Double(cell(row, at)?),
            "TEXT" | "VARCHAR" | "CHAR" | "NAME" => Value::String(cell(row, at)?),
            "BYTEA" => Value::Bytes(cell(row, at)?),
            "NUMERIC" => Value::Decimal(cell::<Decimal>(row, at)?),
            "JSON" | "JSONB" => Value::Json(cell::<Json>(row, at)?.map(Box::new)),
            "UUID" => Value::Uuid(cell::<Uuid>(row, at)?),
            "DATE" => Value::ChronoDate(cell::<ChronoDate>(row, at)?),
            "TIME" => Value::ChronoTime(cell::<ChronoTime>(row, at)?),
            "TIMESTAMP" => Value::ChronoDateTime(cell::<ChronoDateTime>(row, at)?),
            "TIMESTAMPTZ" => Value::ChronoDateTimeUtc(cell::<ChronoDateTimeUtc>(row, at)?),
            other => {
                return Err(refused(format!(
                    "a migration cannot read column \"{name}\" of type {other}: cast it to text \
                     in the query"
                )));
            }
        };
        Ok((name.to_owned(), value))
    });
    Ok(ProxyRow::new(
        values.collect::<Result<BTreeMap<_, _>, _>>()?,
    ))
}

fn cell<T>(row: &PgRow, at: usize) -> Result<Option<T>, DbErr>
where
    T: for<'r> Decode<'r, Postgres> + Type<Postgres>,
{
    row.try_get(at).map_err(query_err)
}
