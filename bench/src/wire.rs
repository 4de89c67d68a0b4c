//! Statements through the local cluster, and straight to its PostgreSQL, over TLS on loopback.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::task::JoinSet;

use crate::cluster::Cluster;
use crate::measure::{Comparison, Effort, compare, median};
use crate::relay::Relay;
use crate::straight::Straight;
use crate::table::Row;

const CONNECTIONS: usize = 8;

/// Each connection has as many rows of its own: what is measured is the way there, not conflicts.
const ROWS: i64 = 250;

/// How the client of the measurement is built. Where every core is busy, the ratio is one of processor time: a client
/// that costs little itself leaves more of it to the server, and to the cluster in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// All connections on one thread, as with pgbench.
    OneThread,
    /// As many threads as there are cores.
    AllCores,
}

impl Client {
    fn name(self) -> &'static str {
        match self {
            Self::OneThread => "8 connections on 1 thread",
            Self::AllCores => "8 connections on all cores",
        }
    }
}

/// The local cluster.
pub async fn measure(
    cluster: &Cluster,
    straight: &Straight,
    client: Client,
    effort: Effort,
) -> Result<Vec<Row>> {
    let (ours, theirs) = (cluster.options()?, straight.options());
    on_its_own(client, move || measure_here(ours, theirs, client, effort)).await
}

/// A relay that does nothing, for comparison.
pub async fn measure_relay(
    relay: &Relay,
    straight: &Straight,
    client: Client,
    effort: Effort,
) -> Result<Row> {
    let (between, straight) = (relay.options(straight), straight.options());
    on_its_own(client, move || async move {
        let mut between = Side::open(between).await?;
        let mut straight = Side::open(straight).await?;
        let select = compare(
            effort,
            async || between.rate(Work::Select, effort.round()).await,
            async || straight.rate(Work::Select, effort.round()).await,
        )
        .await?;
        between.close().await?;
        straight.close().await?;
        let what = format!(
            "select, {}: a TLS relay that does nothing / PostgreSQL",
            client.name()
        );
        Ok(Row::compared(what, "/s", select))
    })
    .await
}

/// Measures on a runtime of its own.
async fn on_its_own<T: Send + 'static, F: Future<Output = Result<T>>>(
    client: Client,
    measurement: impl FnOnce() -> F + Send + 'static,
) -> Result<T> {
    let runtime = match client {
        Client::OneThread => tokio::runtime::Builder::new_current_thread(),
        Client::AllCores => tokio::runtime::Builder::new_multi_thread(),
    }
    .enable_all()
    .build()?;
    let measured = std::thread::spawn(move || runtime.block_on(measurement()));
    let measured = tokio::task::spawn_blocking(move || measured.join()).await?;
    measured.map_err(|_| anyhow::anyhow!("a measurement panicked"))?
}

async fn measure_here(
    ours: PgConnectOptions,
    theirs: PgConnectOptions,
    client: Client,
    effort: Effort,
) -> Result<Vec<Row>> {
    let mut ours = Side::open(ours).await?;
    let mut theirs = Side::open(theirs).await?;
    let on = client.name();

    let select = compare(
        effort,
        async || ours.rate(Work::Select, effort.round()).await,
        async || theirs.rate(Work::Select, effort.round()).await,
    )
    .await?;
    let write = compare(
        effort,
        async || ours.rate(Work::Write, effort.round()).await,
        async || theirs.rate(Work::Write, effort.round()).await,
    )
    .await?;
    let mut rows = vec![
        Row::ratio(
            format!("select, {on}: local cluster / PostgreSQL"),
            "/s",
            select,
            0.8,
        ),
        Row::ratio(
            format!("write transaction, {on}: local cluster / PostgreSQL"),
            "/s",
            write,
            0.8,
        ),
    ];
    if client == Client::OneThread {
        let latency = compare(
            effort,
            async || ours.latency(effort.round()).await,
            async || theirs.latency(effort.round()).await,
        )
        .await?;
        let micros = Comparison {
            ours: latency.ours * 1e6,
            theirs: latency.theirs * 1e6,
            ..latency
        };
        rows.push(Row::added(
            "select, 1 connection: median latency",
            "µs",
            micros,
            60.0,
        ));
    }
    ours.close().await?;
    theirs.close().await?;
    Ok(rows)
}

/// What a connection does again and again.
#[derive(Clone, Copy)]
enum Work {
    /// A point select, outside a transaction.
    Select,
    /// BEGIN, an update, a select, an insert, COMMIT.
    Write,
}

/// One server and the connections to it. They stay open from round to round.
struct Side(Vec<PgConnection>);

impl Side {
    async fn open(options: PgConnectOptions) -> Result<Self> {
        let mut first = options.connect().await?;
        for table in [
            "CREATE TABLE IF NOT EXISTS bench_account (id bigint PRIMARY KEY, balance bigint NOT NULL)",
            "CREATE TABLE IF NOT EXISTS bench_entry (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), account bigint, amount bigint)",
        ] {
            first.execute(table).await?;
        }
        let rows = ROWS * i64::try_from(CONNECTIONS)?;
        sqlx::query(
            "INSERT INTO bench_account SELECT n, 0 FROM generate_series(0, $1::bigint - 1) n ON CONFLICT DO NOTHING",
        )
        .bind(rows)
        .execute(&mut first)
        .await?;
        let mut connections = vec![first];
        while connections.len() < CONNECTIONS {
            connections.push(options.connect().await?);
        }
        Ok(Side(connections))
    }

    /// Times a second that the work is done on all connections together.
    async fn rate(&mut self, work: Work, length: Duration) -> Result<f64> {
        let began = Instant::now();
        let mut tasks = JoinSet::new();
        for (number, mut connection) in self.0.drain(..).enumerate() {
            tasks.spawn(async move {
                let first = i64::try_from(number)? * ROWS;
                let mut count = 0_u32;
                while began.elapsed() < length {
                    let id = first + fastrand::i64(0..ROWS);
                    match work {
                        Work::Select => select(&mut connection, id).await?,
                        Work::Write => write(&mut connection, id).await?,
                    }
                    count += 1;
                }
                anyhow::Ok((number, connection, count))
            });
        }
        let mut ended = Vec::new();
        while let Some(task) = tasks.join_next().await {
            ended.push(task??);
        }
        let seconds = began.elapsed().as_secs_f64();
        ended.sort_by_key(|(number, ..)| *number);
        let count: u32 = ended.iter().map(|(.., count)| *count).sum();
        self.0 = ended
            .into_iter()
            .map(|(_, connection, _)| connection)
            .collect();
        Ok(f64::from(count) / seconds)
    }

    /// The median time of a point select on one connection, in seconds.
    async fn latency(&mut self, length: Duration) -> Result<f64> {
        let began = Instant::now();
        let mut times = Vec::new();
        while began.elapsed() < length {
            let id = fastrand::i64(0..ROWS);
            let one = Instant::now();
            select(&mut self.0[0], id).await?;
            times.push(one.elapsed().as_secs_f64());
        }
        Ok(median(times))
    }

    async fn close(self) -> Result<()> {
        for connection in self.0 {
            connection.close().await?;
        }
        Ok(())
    }
}

async fn select(connection: &mut PgConnection, id: i64) -> Result<()> {
    let (_balance,): (i64,) = sqlx::query_as("SELECT balance FROM bench_account WHERE id = $1")
        .bind(id)
        .fetch_one(connection)
        .await?;
    Ok(())
}

async fn write(connection: &mut PgConnection, id: i64) -> Result<()> {
    let mut transaction = connection.begin().await?;
    let updated = sqlx::query("UPDATE bench_account SET balance = balance + 1 WHERE id = $1")
        .bind(id)
        .execute(&mut *transaction)
        .await?;
    ensure!(
        updated.rows_affected() == 1,
        "an update changed {} rows",
        updated.rows_affected()
    );
    select(&mut transaction, id).await?;
    sqlx::query("INSERT INTO bench_entry (account, amount) VALUES ($1, 1)")
        .bind(id)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}
