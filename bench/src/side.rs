//! An adapter that is held against another one, in a process of its own: both are started in the same environment and
//! do the same when they are told to. The peer's program compiles this file in, too.

use std::io::{BufRead as _, Write as _};
use std::time::{Duration, Instant};

use sqlx::PgConnection;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Tasks that count on one row at once.
const TASKS: u32 = 16;

/// What is measured of an adapter. It finds cluster and keys in the environment, as a program in production does.
pub trait Adapter: Clone + Send + 'static {
    /// Reads the settings and signs a token, all anew.
    fn sign() -> impl Future<Output = Result<()>>;

    /// Makes a pool, all anew, and asks the cluster for a first answer.
    fn open(connections: u32) -> impl Future<Output = Result<Self>>;

    /// Counts on the row by [`increment`], in a transaction that is retried as the adapter does by default. False: it
    /// was a conflict that reached the caller.
    fn count(&mut self) -> impl Future<Output = Result<bool>> + Send;

    /// Closes the pool.
    fn close(self) -> impl Future<Output = ()>;
}

/// Reads commands from standard input and answers each with a line of numbers, until the input ends:
///
/// | command | answer |
/// |---|---|
/// | `sign N` | tokens a second |
/// | `open N` | pools a second, each up to its first answer |
/// | `count MILLISECONDS` | how often it was counted, how often a conflict reached the caller, the seconds that it took |
pub async fn serve<A: Adapter>() -> Result<()> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (command, number) = line.split_once(' ').ok_or("a command and a number")?;
        let number: u32 = number.parse()?;
        let answer = match command {
            "sign" => {
                let began = Instant::now();
                for _ in 0..number {
                    A::sign().await?;
                }
                (f64::from(number) / began.elapsed().as_secs_f64()).to_string()
            }
            "open" => {
                let mut taken = Duration::ZERO;
                for _ in 0..number {
                    let began = Instant::now();
                    let opened = A::open(1).await?;
                    taken += began.elapsed();
                    opened.close().await;
                }
                (f64::from(number) / taken.as_secs_f64()).to_string()
            }
            "count" => {
                let adapter = A::open(TASKS).await?;
                let length = Duration::from_millis(number.into());
                let (counted, refused, seconds) = count(&adapter, length).await?;
                adapter.close().await;
                format!("{counted} {refused} {seconds}")
            }
            other => return Err(format!("no such command: {other}").into()),
        };
        let mut output = std::io::stdout().lock();
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

async fn count<A: Adapter>(adapter: &A, length: Duration) -> Result<(u32, u32, f64)> {
    let began = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let mut adapter = adapter.clone();
            tokio::spawn(async move {
                let (mut counted, mut refused) = (0, 0);
                while began.elapsed() < length {
                    match adapter.count().await? {
                        true => counted += 1,
                        false => refused += 1,
                    }
                }
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>((counted, refused))
            })
        })
        .collect();
    let (mut counted, mut refused) = (0, 0);
    for task in tasks {
        let (more_counted, more_refused) = task.await??;
        counted += more_counted;
        refused += more_refused;
    }
    Ok((counted, refused, began.elapsed().as_secs_f64()))
}

/// Reads and then writes, so that a count would be lost if whoever came between were not refused.
pub async fn increment(connection: &mut PgConnection) -> std::result::Result<(), sqlx::Error> {
    let n: i64 = sqlx::query_scalar("SELECT n FROM bench_hot_row WHERE id = 1")
        .fetch_one(&mut *connection)
        .await?;
    sqlx::query("UPDATE bench_hot_row SET n = $1 WHERE id = 1")
        .bind(n + 1)
        .execute(connection)
        .await?;
    Ok(())
}
