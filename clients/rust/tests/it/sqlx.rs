//! sqlx as it is, without this project's pool in front of it.

use chrono::{DateTime, Utc};
use dsql_clients::CONFLICT;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolCopyExt, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use uuid::Uuid;

/// sqlx finds the cluster in the environment, its certificate too.
async fn pool() -> PgPool {
    PgPoolOptions::new()
        .max_connections(4)
        .connect_with(PgConnectOptions::new())
        .await
        .unwrap()
}

async fn visits(pool: &PgPool, table: &str) {
    let create = format!("CREATE TABLE {table} (id uuid PRIMARY KEY, n int NOT NULL)");
    sqlx::raw_sql(AssertSqlSafe(create))
        .execute(pool)
        .await
        .unwrap();
}

fn state(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .unwrap()
        .code()
        .unwrap()
        .into_owned()
}

#[tokio::test]
async fn every_usual_type_goes_in_and_out() {
    let pool = pool().await;
    sqlx::raw_sql(
        "CREATE TABLE sqlx_types (id uuid PRIMARY KEY, whole int, big bigint, double double precision, yes boolean, \
         words text, bytes bytea, moment timestamptz, doc jsonb, nothing text)",
    )
    .execute(&pool)
    .await
    .unwrap();
    type Columns = (
        Uuid,
        i32,
        i64,
        f64,
        bool,
        String,
        Vec<u8>,
        DateTime<Utc>,
        serde_json::Value,
        Option<String>,
    );
    let given: Columns = (
        Uuid::new_v4(),
        i32::MAX,
        i64::MIN,
        0.1,
        true,
        "naïve '☃'".to_owned(),
        vec![0, 1, 255],
        "2026-02-28T12:30:00.123456Z".parse().unwrap(),
        serde_json::json!({"name": "Bella", "weights": [3.5, 4]}),
        None,
    );
    sqlx::query("INSERT INTO sqlx_types VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(given.0)
        .bind(given.1)
        .bind(given.2)
        .bind(given.3)
        .bind(given.4)
        .bind(&given.5)
        .bind(&given.6)
        .bind(given.7)
        .bind(&given.8)
        .bind(&given.9)
        .execute(&pool)
        .await
        .unwrap();
    let row: Columns = sqlx::query_as("SELECT * FROM sqlx_types")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(row, given);
    let row = sqlx::raw_sql("SELECT id::text, whole::text FROM sqlx_types");
    let row = row.fetch_one(&pool).await.unwrap();
    assert_eq!(row.get::<String, _>(0), given.0.to_string());
}

#[tokio::test]
async fn a_prepared_statement_is_reused_and_evicted() {
    let mut connection =
        PgConnection::connect_with(&PgConnectOptions::new().statement_cache_capacity(2))
            .await
            .unwrap();
    for n in 0..30 {
        let sql = format!("SELECT $1::int + {}", n % 3);
        let sum: i32 = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(n)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(sum, n + n % 3);
    }
    connection.ping().await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn rows_go_in_and_out_by_copy() {
    let pool = pool().await;
    visits(&pool, "sqlx_copy").await;
    let mut copy = pool.copy_in_raw("COPY sqlx_copy FROM STDIN").await.unwrap();
    for n in 0..200 {
        let line = format!("{}\t{n}\n", Uuid::new_v4());
        copy.send(line.into_bytes()).await.unwrap();
    }
    assert_eq!(copy.finish().await.unwrap(), 200);
    let copy = pool.copy_in_raw("COPY sqlx_copy FROM STDIN").await.unwrap();
    let aborted = copy.abort("enough").await;
    assert!(aborted.is_ok(), "{aborted:?}");
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlx_copy")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(count, 200);
}

#[tokio::test]
async fn a_conflict_is_told_at_commit_and_gone_when_the_transaction_runs_again() {
    let pool = pool().await;
    visits(&pool, "sqlx_conflict").await;
    sqlx::raw_sql("INSERT INTO sqlx_conflict VALUES (gen_random_uuid(), 0)")
        .execute(&pool)
        .await
        .unwrap();
    let add = "UPDATE sqlx_conflict SET n = n + $1";
    for attempt in 1..=2 {
        let mut loser = pool.begin().await.unwrap();
        sqlx::query(add).bind(1).execute(&mut *loser).await.unwrap();
        if attempt == 1 {
            sqlx::query(add).bind(10).execute(&pool).await.unwrap();
            let conflict = loser.commit().await.unwrap_err();
            assert_eq!(state(&conflict), "40001");
            assert!(conflict.to_string().contains(CONFLICT), "{conflict}");
        } else {
            loser.commit().await.unwrap();
        }
    }
    let sum: i32 = sqlx::query_scalar("SELECT n FROM sqlx_conflict")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(sum, 11);
}

#[tokio::test]
async fn an_error_aborts_a_transaction_until_rollback_and_savepoints_are_refused() {
    let pool = pool().await;
    let mut transaction = pool.begin().await.unwrap();
    let failed = sqlx::query("SELECT 1 / $1::int")
        .bind(0)
        .execute(&mut *transaction)
        .await;
    assert_eq!(state(&failed.unwrap_err()), "22012");
    let failed = sqlx::query("SELECT 1").execute(&mut *transaction).await;
    assert_eq!(state(&failed.unwrap_err()), "25P02");
    transaction.rollback().await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    let nested = transaction.begin().await.err().unwrap();
    assert_eq!(state(&nested), "0A000");
    drop(nested);
    transaction.rollback().await.unwrap();
    let refused = sqlx::raw_sql("TRUNCATE sqlx_none")
        .execute(&pool)
        .await
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("unsupported statement: Truncate"),
        "{refused}"
    );
}
