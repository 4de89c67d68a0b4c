//! What the local cluster's process holds: for many idle connections, and after many statements.

use anyhow::{Context, Result};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::task::JoinSet;

use crate::cluster::Cluster;
use crate::measure::Effort;
use crate::table::Row;

/// How many connections there are at once while statements are counted.
const CONNECTIONS: usize = 8;

/// What one more statement may leave behind is less than this would show.
const GROWTH_MB: f64 = 4.0;

/// Nothing where the memory of a process cannot be seen.
pub async fn measure(effort: Effort) -> Result<Vec<Row>> {
    let cluster = Cluster::start().await?;
    if cluster.memory().is_none() {
        return Ok(Vec::new());
    }
    let (idle, statements) = match effort {
        Effort::Whole => (1_000, 200_000),
        Effort::Quick => (50, 2_000),
    };
    let mut rows = vec![growth(&cluster, statements).await?];
    let mut connections = Vec::new();
    for _ in 0..idle {
        connections.push(cluster.options()?.connect().await?);
    }
    let memory = cluster.memory().context("its memory")?;
    rows.push(Row::below(
        format!("memory of the local cluster's process, {idle} idle connections"),
        "MB",
        memory,
        150.0,
    ));
    for connection in connections {
        connection.close().await?;
    }
    Ok(rows)
}

/// By how much the process grows over so many statements of all kinds, once it has warmed up.
pub async fn growth(cluster: &Cluster, statements: u32) -> Result<Row> {
    let options = cluster.options()?;
    let mut first = options.connect().await?;
    first
        .execute("CREATE TABLE grown (id int PRIMARY KEY, n int)")
        .await?;
    first
        .execute("INSERT INTO grown SELECT n, 0 FROM generate_series(0, 799) n")
        .await?;
    first.close().await?;
    work(&options, statements.div_ceil(10)).await?;
    let before = cluster.memory().context("its memory")?;
    work(&options, statements).await?;
    let after = cluster.memory().context("its memory")?;
    Ok(Row::below(
        format!("the same process: growth over {statements} statements, from {before:.0} MB"),
        "MB",
        (after - before).max(0.0),
        GROWTH_MB,
    ))
}

async fn work(options: &PgConnectOptions, statements: u32) -> Result<()> {
    let mut tasks = JoinSet::new();
    for number in 0..CONNECTIONS {
        let options = options.clone();
        let each = statements / u32::try_from(CONNECTIONS)?;
        tasks.spawn(async move {
            let first = i32::try_from(number)? * 100;
            let mut connection = options.connect().await?;
            let mut done = 0;
            while done < each {
                done += turn(&mut connection, first + fastrand::i32(0..100)).await?;
            }
            connection.close().await?;
            anyhow::Ok(())
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(())
}

/// Texts that come once, prepared statements, transactions, a refusal, an error; gives how many there were.
async fn turn(connection: &mut PgConnection, id: i32) -> Result<u32> {
    let once = fastrand::u32(..);
    let sql = format!("SELECT n, {once} FROM grown WHERE id = {id}");
    connection.execute(sqlx::AssertSqlSafe(sql)).await?;
    for _ in 0..3 {
        sqlx::query("SELECT n FROM grown WHERE id = $1")
            .bind(id)
            .execute(&mut *connection)
            .await?;
    }
    let mut transaction = connection.begin().await?;
    sqlx::query("UPDATE grown SET n = n + 1 WHERE id = $1")
        .bind(id)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    let refused = connection.execute("TRUNCATE grown").await;
    let failed = connection.execute("SELECT 1 / 0").await;
    anyhow::ensure!(refused.is_err() && failed.is_err());
    Ok(9)
}
