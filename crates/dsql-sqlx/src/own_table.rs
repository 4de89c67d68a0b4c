//! The small tables that this crate keeps in the database.

use dsql_connect::{ErrorClass, RetryPolicy};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};

use crate::Retries;
use crate::error::{Error, ErrorExt as _};
use crate::transaction::forget_statements;

/// Where the tables are, whatever a script sets afterwards.
pub(crate) async fn current_schema(
    connection: &mut PgConnection,
    policy: &RetryPolicy,
) -> Result<String, Error> {
    let mut retries = Retries::new(policy);
    loop {
        let schema = sqlx::query_scalar("SELECT current_schema()::text")
            .fetch_one(&mut *connection)
            .await;
        match schema {
            Ok(schema) => return Option::ok_or(schema, Error::NoSchema),
            Err(error) => read_again(connection, &mut retries, error).await?,
        }
    }
}

/// A query has failed: returns when it is worth another try on the same
/// connection.
async fn read_again(
    connection: &mut PgConnection,
    retries: &mut Retries<'_>,
    error: sqlx::Error,
) -> Result<(), sqlx::Error> {
    if !error.is_stale_schema() || !retries.again(error.class(), &error).await {
        return Err(error);
    }
    forget_statements(connection).await;
    Ok(())
}

pub(crate) fn qualified(schema: &str, table: &str) -> String {
    format!("\"{}\".{table}", schema.replace('"', "\"\""))
}

/// Makes a table if it is missing. True: it was.
pub(crate) async fn create(
    connection: &mut PgConnection,
    schema: &str,
    table: &'static str,
    columns: &str,
    policy: &RetryPolicy,
) -> Result<bool, Error> {
    let mut retries = Retries::new(policy);
    loop {
        // DDL that changes nothing would still meet the DDL of others.
        let exists = sqlx::query_scalar::<_, i32>(
            "SELECT 1 FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = $1 AND c.relname = $2",
        )
        .bind(schema)
        .bind(table)
        .fetch_optional(&mut *connection)
        .await;
        match exists {
            Ok(Some(_)) => return Ok(false),
            Ok(None) => {}
            Err(error) => {
                read_again(connection, &mut retries, error).await?;
                continue;
            }
        }
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS {} ({columns})",
            qualified(schema, table)
        );
        let Err(source) = connection.execute(AssertSqlSafe(sql)).await else {
            return Ok(true);
        };
        // Another made it at the same moment: PostgreSQL finds two rows for
        // one name in its catalog.
        let class = match source.sqlstate().as_deref() {
            Some("42P07" | "42710" | "23505") => ErrorClass::Conflict,
            _ => source.class(),
        };
        if !retries.again(class, &source).await {
            return Err(Error::OwnTable {
                table,
                schema: schema.into(),
                source,
            });
        }
    }
}
