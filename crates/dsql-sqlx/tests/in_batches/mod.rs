//! More rows than the service takes in a transaction.

use std::sync::{Arc, Mutex};

use dsql_sqlx::sqlx::{self, AssertSqlSafe};
use dsql_sqlx::{ErrorClass, RetryPolicy};

use crate::{counter, drop_table, number, pool, run, unique};

#[tokio::test]
async fn many_rows_are_inserted_by_few_statements() {
    let pool = pool().await;
    let table = unique("pet");
    run(
        &pool,
        format!("CREATE TABLE {table} (id bigint PRIMARY KEY, name text)"),
    )
    .await;
    let into: &'static str = format!("INSERT INTO {table} (id, name)").leak();
    let report = pool
        .in_batches((0..10_000_i64).map(|id| (id, format!("pet {id}"))))
        .rows(3000)
        .insert(into, 2, |mut row, (id, name)| {
            row.push_bind(*id).push_bind(name.clone());
        })
        .await
        .unwrap();
    assert_eq!((report.rows, report.batches), (10_000, 4));
    assert_eq!(
        number(&pool, format!("SELECT count(*) FROM {table}")).await,
        10_000
    );
    drop_table(&pool, &table).await;
}

#[tokio::test]
async fn a_batch_that_is_too_large_is_cut_in_two() {
    let pool = pool().await;
    let table = unique("page");
    run(
        &pool,
        format!("CREATE TABLE {table} (id bigint PRIMARY KEY, body text)"),
    )
    .await;
    let insert = format!("INSERT INTO {table} (id, body) VALUES ($1, $2)");
    let noise = || -> String {
        std::iter::repeat_with(fastrand::alphanumeric)
            .take(900_000)
            .collect()
    };
    // 28 MB that pass for a few hundred bytes, in messages that are not too long.
    let report = pool
        .in_batches((0..32_i64).map(|id| (id, noise())))
        .run(move |connection, pages| {
            let insert = insert.clone();
            Box::pin(async move {
                for (id, body) in pages {
                    let insert = sqlx::query(AssertSqlSafe(insert.clone()));
                    insert.bind(id).bind(body).execute(&mut *connection).await?;
                }
                Ok(pages.len() as u64)
            })
        })
        .await
        .unwrap();
    assert_eq!(report.rows, 32);
    assert_eq!(report.written, [0..32; 1]);
    assert!((4..=8).contains(&report.batches), "{}", report.batches);
    drop_table(&pool, &table).await;
}

#[tokio::test]
async fn each_failed_attempt_is_told_with_its_class_and_the_pause_after_it() {
    let pool = pool().await;
    let table = counter(&pool).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = told.clone();
    let policy = RetryPolicy::default()
        .max_attempts(2)
        .on_failure(move |failed| {
            let text = failed.error.to_string();
            listener.lock().unwrap().push((
                failed.attempt,
                failed.class,
                failed.pause.is_some(),
                text,
            ));
        });
    let sql = format!("UPDATE {table} SET n = n + 1");
    let lost = pool
        .transact_async_with(&policy, async |tx| {
            sqlx::query(AssertSqlSafe(sql.clone())).execute(tx).await?;
            // Another is always first.
            let mut other = pool.acquire().await?;
            sqlx::query(AssertSqlSafe(sql.clone()))
                .execute(&mut *other)
                .await?;
            Ok::<_, dsql_sqlx::Error>(())
        })
        .await;
    assert_eq!(lost.unwrap_err().class(), ErrorClass::Conflict);
    let told = std::mem::take(&mut *told.lock().unwrap());
    let classes: Vec<_> = told
        .iter()
        .map(|(attempt, class, goes_on, _)| (*attempt, *class, *goes_on))
        .collect();
    assert_eq!(
        classes,
        [
            (1, ErrorClass::Conflict, true),
            (2, ErrorClass::Conflict, false)
        ]
    );
    assert!(told[0].3.contains("OC000"), "{}", told[0].3);
    drop_table(&pool, &table).await;
}
