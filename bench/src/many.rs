//! Many rows: in batches, one by one, and by COPY through as many connections; and one row that all change.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use dsql_sqlx::{DsqlPool, Error, ErrorClass, RetryPolicy};
use tokio::task::JoinSet;

use crate::cluster::Cluster;
use crate::measure::{Effort, compare_in};
use crate::side::increment;
use crate::table::Row;

const CONNECTIONS: usize = 4;
const BATCH: usize = 1000;

pub async fn measure(cluster: &Cluster, effort: Effort) -> Result<Vec<Row>> {
    let policy = RetryPolicy::default()
        .max_attempts(1000)
        .max_total(Duration::from_secs(300));
    let pool = DsqlPool::builder(cluster.config()?)
        .max_connections(16)
        .retry(policy);
    let pool = pool.connect().await?;
    let mut rows = inserts(&pool, effort).await?;
    rows.extend(hot_row(&pool, effort).await?);
    Ok(rows)
}

async fn inserts(pool: &DsqlPool, effort: Effort) -> Result<Vec<Row>> {
    let (many, few) = match effort {
        Effort::Whole => (100_000, 2_000),
        Effort::Quick => (4_000, 100),
    };
    execute(
        pool,
        "CREATE TABLE bench_many (id bigint PRIMARY KEY, name text NOT NULL)",
    )
    .await?;
    let rounds = effort.long_rounds().min(3);
    let single = compare_in(
        rounds,
        async || in_batches(pool, many).await,
        async || one_by_one(pool, few).await,
    );
    let single = Row::ratio("rows in batches / one by one", "rows/s", single.await?, 5.0);
    let copy = compare_in(
        rounds,
        async || in_batches(pool, many).await,
        async || copy(pool, many).await,
    );
    let what = format!("rows in batches / COPY, {CONNECTIONS} connections");
    let copy = Row::ratio(what, "rows/s", copy.await?, 0.8);
    Ok(vec![single, copy])
}

async fn in_batches(pool: &DsqlPool, rows: usize) -> Result<f64> {
    let first = first_of(rows);
    let began = Instant::now();
    let report = pool
        .in_batches((0..rows).map(move |row| first + row as i64))
        .rows(BATCH)
        .in_flight(CONNECTIONS)
        .insert("INSERT INTO bench_many (id, name)", 2, |mut row, id| {
            row.push_bind(*id).push_bind(format!("pet {id}"));
        });
    ensure!(report.await?.rows == rows as u64);
    Ok(rows as f64 / began.elapsed().as_secs_f64())
}

async fn one_by_one(pool: &DsqlPool, rows: usize) -> Result<f64> {
    let first = first_of(rows);
    let began = Instant::now();
    for row in 0..rows {
        let id = first + row as i64;
        sqlx::query("INSERT INTO bench_many (id, name) VALUES ($1, $2)")
            .bind(id)
            .bind(format!("pet {id}"))
            .execute(&mut *pool.acquire().await?)
            .await?;
    }
    Ok(rows as f64 / began.elapsed().as_secs_f64())
}

/// The fastest way there is: COPY, a batch a statement.
async fn copy(pool: &DsqlPool, rows: usize) -> Result<f64> {
    let first = first_of(rows);
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for part in 0..CONNECTIONS {
        let pool = pool.clone();
        tasks.spawn(async move {
            let mut connection = pool.acquire().await?;
            for batch in (part * BATCH..rows).step_by(CONNECTIONS * BATCH) {
                let mut text = String::new();
                for row in batch..(batch + BATCH).min(rows) {
                    let id = first + row as i64;
                    text.push_str(&format!("{id}\tpet {id}\n"));
                }
                let mut copy = connection
                    .copy_in_raw("COPY bench_many (id, name) FROM STDIN")
                    .await?;
                copy.send(text.into_bytes()).await?;
                copy.finish().await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(rows as f64 / began.elapsed().as_secs_f64())
}

/// The first of so many keys that nobody had before.
fn first_of(rows: usize) -> i64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(rows as u64, Ordering::Relaxed) as i64
}

const TASKS: u64 = 16;

/// Sixteen tasks that count on one row: ours, and a loop that tries again at once.
async fn hot_row(pool: &DsqlPool, effort: Effort) -> Result<Vec<Row>> {
    execute(
        pool,
        "CREATE TABLE bench_hot_row (id bigint PRIMARY KEY, n bigint NOT NULL)",
    )
    .await?;
    execute(pool, "INSERT INTO bench_hot_row VALUES (1, 0)").await?;
    let length = Duration::from_secs(effort.seconds().into());
    let measured = compare_in(
        effort.long_rounds().min(5),
        async || count(pool, length, Way::Transact).await,
        async || count(pool, length, Way::AtOnce).await,
    );
    let what = "16 tasks count on one row: transact / tried again at once";
    Ok(vec![Row::compared(what, "/s", measured.await?)])
}

#[derive(Clone, Copy)]
enum Way {
    Transact,
    AtOnce,
}

async fn count(pool: &DsqlPool, length: Duration, way: Way) -> Result<f64> {
    let before = on_the_row(pool).await?;
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let pool = pool.clone();
        tasks.spawn(async move {
            let mut counted = 0;
            while began.elapsed() < length {
                match way {
                    Way::Transact => {
                        pool.transact(|tx| {
                            Box::pin(async move { Ok::<_, Error>(increment(tx).await?) })
                        })
                        .await?;
                    }
                    Way::AtOnce => loop {
                        let mut tx = pool.begin().await?;
                        let done = match increment(&mut tx).await {
                            Ok(()) => tx.commit().await,
                            Err(error) => Err(error.into()),
                        };
                        match done {
                            Ok(()) => break,
                            Err(error) if error.class() == ErrorClass::Conflict => {}
                            Err(error) => return Err(error.into()),
                        }
                    },
                }
                counted += 1;
            }
            anyhow::Ok(counted)
        });
    }
    let mut counted = 0;
    while let Some(done) = tasks.join_next().await {
        counted += done??;
    }
    let elapsed = began.elapsed();
    ensure!(
        on_the_row(pool).await? - before == counted,
        "an increment was lost"
    );
    Ok(counted as f64 / elapsed.as_secs_f64())
}

/// How often it was counted on the row so far.
pub async fn on_the_row(pool: &DsqlPool) -> Result<i64> {
    let n = sqlx::query_scalar("SELECT n FROM bench_hot_row WHERE id = 1");
    Ok(n.fetch_one(&mut *pool.acquire().await?).await?)
}

async fn execute(pool: &DsqlPool, sql: &str) -> Result<()> {
    let plan = dsql_sql::translate(sql, &dsql_sql::Options::default());
    pool.run_plan(&plan, |_| {}).await?;
    Ok(())
}
