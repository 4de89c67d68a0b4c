//! The small tables that this crate keeps in the database.

use dsql_connect::{ErrorClass, RetryPolicy};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};

use crate::Retries;
use crate::error::{Error, ErrorExt as _};

/// Where the tables are, whatever a script sets afterwards.
pub(crate) async fn current_schema(connection: &mut PgConnection) -> Result<String, Error> {
    let schema: Option<String> = sqlx::query_scalar("SELECT current_schema()::text")
        .fetch_one(connection)
        .await?;
    schema.ok_or(Error::NoSchema)
}

pub(crate) fn qualified(schema: &str, table: &str) -> String {
    format!("\"{}\".{table}", schema.replace('"', "\"\""))
}

/// Makes a table if it is missing.
pub(crate) async fn create(
    connection: &mut PgConnection,
    schema: &str,
    table: &'static str,
    columns: &str,
    policy: &RetryPolicy,
) -> Result<(), Error> {
    let mut retries = Retries::new(policy);
    loop {
        // DDL that changes nothing would still meet the DDL of others.
        let exists: Option<i32> = sqlx::query_scalar(
            "SELECT 1 FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = $1 AND c.relname = $2",
        )
        .bind(schema)
        .bind(table)
        .fetch_optional(&mut *connection)
        .await?;
        if exists.is_some() {
            return Ok(());
        }
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS {} ({columns})",
            qualified(schema, table)
        );
        let Err(source) = connection.execute(AssertSqlSafe(sql)).await else {
            return Ok(());
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
