//! Transactions that meet: eight clients, twenty rows, three of them a transaction.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::task::JoinSet;

use crate::cluster::Cluster;
use crate::measure::{Effort, percentile};
use crate::table::Row;

const CLIENTS: usize = 8;
const ROWS: i32 = 20;
const ROWS_EACH: usize = 3;

/// One transaction, as its client saw it.
#[derive(Debug)]
struct Told {
    rows: [i32; ROWS_EACH],
    /// Before BEGIN was sent.
    began: Instant,
    /// Before COMMIT was sent.
    committing: Instant,
    /// When its end was known.
    ended: Instant,
    committed: bool,
}

pub async fn measure(cluster: &Cluster, effort: Effort) -> Result<Vec<Row>> {
    let options = cluster.options()?;
    let mut first = options.connect().await?;
    first
        .execute("CREATE TABLE hot (id int PRIMARY KEY, n int NOT NULL)")
        .await?;
    first
        .execute("INSERT INTO hot SELECT n, 0 FROM generate_series(1, 20) n")
        .await?;
    let length = Duration::from_secs(match effort {
        Effort::Whole => 8,
        Effort::Quick => 1,
    });
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..CLIENTS {
        let options = options.clone();
        tasks.spawn(async move { work(&options, began, length).await });
    }
    let (mut told, mut updates) = (Vec::new(), Vec::new());
    while let Some(task) = tasks.join_next().await {
        let (transactions, times) = task??;
        told.extend(transactions);
        updates.extend(times);
    }
    let seconds = began.elapsed().as_secs_f64();
    let (sum,): (i64,) = sqlx::query_as("SELECT sum(n) FROM hot")
        .fetch_one(&mut first)
        .await?;
    first.close().await?;

    let committed = told.iter().filter(|one| one.committed).count();
    let aborted = told.len() - committed;
    let lost = i64::try_from(committed * ROWS_EACH)? - sum;
    let spurious = (told.iter())
        .filter(|one| !one.committed && !told.iter().any(|other| overlaps(one, other)))
        .count();
    ensure!(committed > 0, "no transaction on hot rows went through");
    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    let rate = committed as f64 / seconds;
    let what = format!(
        "hot rows, 8 clients, 3 of 20 rows each: {rate:.0} commits/s, {aborted} of {} aborted",
        told.len()
    );
    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    Ok(vec![
        Row::below(
            format!("{what}; aborts without an overlap"),
            "",
            spurious as f64,
            1.0,
        ),
        Row::below("hot rows: lost updates", "", lost.abs() as f64, 1.0),
        Row::below(
            "hot rows: UPDATE, 99th percentile",
            "ms",
            percentile(&mut updates, 99) * 1e3,
            10.0,
        ),
    ])
}

/// Whether `other` has committed a row of `one` while that was open. Where the moment of the commit is not known
/// better than from its COMMIT to the answer, it counts as an overlap.
fn overlaps(one: &Told, other: &Told) -> bool {
    other.committed
        && other.ended >= one.began
        && other.committing <= one.ended
        && one.rows.iter().any(|row| other.rows.contains(row))
}

async fn work(
    options: &PgConnectOptions,
    began: Instant,
    length: Duration,
) -> Result<(Vec<Told>, Vec<f64>)> {
    let mut connection = options.connect().await?;
    let (mut told, mut updates) = (Vec::new(), Vec::new());
    while began.elapsed() < length {
        let mut rows = [0; ROWS_EACH];
        for place in 0..ROWS_EACH {
            while rows[place] == 0 || rows[..place].contains(&rows[place]) {
                rows[place] = fastrand::i32(1..=ROWS);
            }
        }
        let started = Instant::now();
        connection.execute("BEGIN").await?;
        let changed = change(&mut connection, &rows, &mut updates).await;
        let committing = Instant::now();
        let end = if changed.is_ok() {
            "COMMIT"
        } else {
            "ROLLBACK"
        };
        let ended = connection.execute(end).await.map(drop);
        let outcome = changed.and(ended);
        if let Err(error) = &outcome {
            let code = (error.as_database_error()).and_then(sqlx::error::DatabaseError::code);
            ensure!(code.as_deref() == Some("40001"), "{error}");
        }
        told.push(Told {
            rows,
            began: started,
            committing,
            ended: Instant::now(),
            committed: outcome.is_ok(),
        });
    }
    connection.close().await?;
    Ok((told, updates))
}

async fn change(
    connection: &mut PgConnection,
    rows: &[i32],
    updates: &mut Vec<f64>,
) -> sqlx::Result<()> {
    for row in rows {
        let one = Instant::now();
        sqlx::query("UPDATE hot SET n = n + 1 WHERE id = $1")
            .bind(row)
            .execute(&mut *connection)
            .await?;
        updates.push(one.elapsed().as_secs_f64());
    }
    Ok(())
}
