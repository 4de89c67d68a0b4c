//! Writers that go on while a table is built anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use dsql_sql::{Options, translate};
use dsql_sqlx::sqlx::{AssertSqlSafe, Executor as _};
use dsql_sqlx::{DsqlPool, ErrorClass, ErrorExt as _};

use super::{Place, config, observer, options};

/// Sends a statement until it is taken, as an application would that knows of
/// conflicts and of a table that is away for a moment.
async fn insist(pool: &DsqlPool, sql: &str) {
    loop {
        let mut connection = pool.acquire().await.unwrap();
        let Err(error) = connection.execute(AssertSqlSafe(sql.to_owned())).await else {
            return;
        };
        let is_away = error
            .as_database_error()
            .is_some_and(|error| error.code().as_deref() == Some("42P01"));
        let again = matches!(
            error.class(),
            ErrorClass::Conflict | ErrorClass::SchemaChanged
        );
        assert!(is_away || again, "{sql}: {error}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_write_is_lost_while_a_table_is_built_anew() {
    let pool = observer(1).await;
    let mut place = Place::new(&pool).await;
    for sql in [
        "CREATE TABLE pet (id int PRIMARY KEY, n int NOT NULL, name text UNIQUE)",
        "INSERT INTO pet SELECT n, 0, 'pet ' || n FROM generate_series(1, 2500) n",
        "INSERT INTO pet SELECT n, 0, 'pet ' || n FROM generate_series(2501, 5000) n",
    ] {
        place.execute(sql).await;
    }
    let writing = Arc::new(place.pool(config()).await.unwrap());
    let is_over = Arc::new(AtomicBool::new(false));
    let rounds = Arc::new(AtomicU32::new(0));
    let writers: Vec<_> = (1..=3)
        .map(|writer: u32| {
            let (writing, is_over) = (Arc::clone(&writing), Arc::clone(&is_over));
            let rounds = Arc::clone(&rounds);
            tokio::spawn(async move {
                let mut round = 0;
                while !is_over.load(Ordering::Relaxed) {
                    round += 1;
                    let id = writer * 100_000 + round;
                    // Names change hands, which a copy must not trip over.
                    let (one, other) = (writer * 1_000 + round % 900, writer * 1_000 + 950);
                    for sql in [
                        format!("INSERT INTO pet VALUES ({id}, 1, 'new {id}')"),
                        format!("UPDATE pet SET n = n + 1 WHERE id = {one}"),
                        format!("UPDATE pet SET name = NULL WHERE id = {other}"),
                        format!("UPDATE pet SET name = 'round {writer}' WHERE id = {other}"),
                        format!("DELETE FROM pet WHERE id = {id} AND {round} % 2 = 0"),
                    ] {
                        insist(&writing, &sql).await;
                    }
                    rounds.fetch_add(1, Ordering::Relaxed);
                }
                round
            })
        })
        .collect();
    // Both before and after there is something written.
    let wait_for = |count: u32| {
        let rounds = Arc::clone(&rounds);
        async move {
            while rounds.load(Ordering::Relaxed) < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    };
    wait_for(3).await;
    let sql = "ALTER TABLE pet ALTER COLUMN id TYPE bigint, ALTER COLUMN n TYPE bigint";
    let plan = translate(sql, &Options::default());
    let applying = place.pool(config()).await.unwrap();
    let applied = applying.apply(&plan, options(), |_| {}).await;
    let during = rounds.load(Ordering::Relaxed);
    wait_for(during + 3).await;
    is_over.store(true, Ordering::Relaxed);
    let mut done = Vec::new();
    for writer in writers {
        done.push(writer.await.unwrap());
    }
    applied.unwrap();
    let total: u32 = done.iter().sum();
    let kept: u32 = done.iter().map(|rounds| rounds.div_ceil(2)).sum();
    assert_eq!(
        place.one("SELECT count(*) - 5000, sum(n) FROM pet").await,
        format!("{kept}|{}", total + kept),
        "after {during} rounds of {total}"
    );
    let types = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute \
                 WHERE attrelid = 'pet'::regclass AND attnum IN (1, 2)";
    assert_eq!(place.one(types).await, "bigint\nbigint");
    applying.close().await;
    writing.close().await;
    place.drop().await;
}
