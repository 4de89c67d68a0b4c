//! As many rows in one statement as a transaction may change.

use std::fmt::Write as _;
use std::time::Instant;

use anyhow::Result;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::cluster::Cluster;
use crate::measure::{Comparison, Effort, compare_in};
use crate::straight::Straight;
use crate::table::Row;

const ROWS: usize = 3_000;

/// How often a round inserts.
const TIMES: u32 = 5;

pub async fn measure(cluster: &Cluster, straight: &Straight, effort: Effort) -> Result<Vec<Row>> {
    let mut ours = open(&cluster.options()?).await?;
    let mut theirs = open(&straight.options()).await?;
    let mut values = "INSERT INTO bulk (number, text) VALUES ".to_owned();
    for number in 0..ROWS {
        let comma = if number == 0 { "" } else { ", " };
        write!(values, "{comma}({number}, 'the text of row {number}')")?;
    }
    let select = "INSERT INTO bulk (number, text) \
        SELECT n, 'the text of row ' || n FROM generate_series(1, 3000) n";
    let mut rows = Vec::new();
    for (what, sql) in [("VALUES", values.as_str()), ("SELECT", select)] {
        let measured = compare_in(
            effort.rounds(),
            async || insert(&mut ours, sql).await,
            async || insert(&mut theirs, sql).await,
        )
        .await?;
        let millis = Comparison {
            ours: measured.ours * 1e3,
            theirs: measured.theirs * 1e3,
            ..measured
        };
        rows.push(Row::times(
            format!("INSERT of 3,000 rows by {what}: local cluster / PostgreSQL"),
            "ms",
            millis,
            1.1,
        ));
    }
    ours.close().await?;
    theirs.close().await?;
    Ok(rows)
}

async fn open(options: &PgConnectOptions) -> Result<PgConnection> {
    let mut connection = options.connect().await?;
    connection
        .execute("CREATE TABLE bulk (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), number int, text text)")
        .await?;
    Ok(connection)
}

/// Seconds an insert takes.
async fn insert(connection: &mut PgConnection, sql: &str) -> Result<f64> {
    let began = Instant::now();
    for _ in 0..TIMES {
        connection.execute(AssertSqlSafe(sql)).await?;
    }
    Ok(began.elapsed().as_secs_f64() / f64::from(TIMES))
}
