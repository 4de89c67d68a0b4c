//! Transfers between accounts while the cluster fails as it can.

use std::time::{Duration, Instant};

use dsql_local::LocalCluster;
use dsql_sqlx::sqlx;
use dsql_sqlx::{DsqlPool, Error, RetryPolicy};

const ACCOUNTS: i64 = 10;
const TASKS: i64 = 6;
const TRANSFERS: i64 = 40;

/// Set by `cargo xtask soak`: for how many minutes to go on with other seeds.
const MINUTES: &str = "DSQL_SQLX_SOAK_MINUTES";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_is_neither_made_nor_lost_nor_moved_twice() {
    let minutes: u64 = std::env::var(MINUTES).map_or(0, |minutes| minutes.parse().unwrap());
    let end = Instant::now() + Duration::from_secs(60 * minutes);
    let (mut banks, mut unknown) = (0, 0);
    while banks == 0 || Instant::now() < end {
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        unknown += check(seed).await;
        banks += 1;
    }
    println!(
        "{banks} banks, {} transfers, {unknown} of them with an unknown outcome",
        banks * TASKS * TRANSFERS
    );
}

/// Answers how many outcomes were unknown.
async fn check(seed: u64) -> u32 {
    let cluster = LocalCluster::builder()
        .faults("conflict=20%,unavailable=3%,disconnect=3%".parse().unwrap())
        .seed(seed)
        .start()
        .await
        .unwrap();
    let policy = RetryPolicy::default()
        .max_attempts(100)
        .base(Duration::from_millis(2))
        .cap(Duration::from_millis(50))
        .max_total(Duration::from_secs(60));
    let pool = DsqlPool::builder(cluster.config())
        .max_connections(8)
        .retry(policy);
    let pool = pool.connect().await.unwrap();
    bank(&pool).await;

    let mut tasks = Vec::new();
    for task in 0..TASKS {
        let pool = pool.clone();
        tasks.push(tokio::spawn(async move {
            let mut unknown = 0;
            for n in 0..TRANSFERS {
                unknown += transfer_once(&pool, task * TRANSFERS + n).await;
            }
            unknown
        }));
    }
    let mut unknown = 0;
    for task in tasks {
        unknown += task.await.unwrap();
    }

    let faults = cluster.faults();
    assert!(
        faults.conflict > 0 && faults.disconnect > 0 && faults.unavailable > 0,
        "{faults:?}"
    );
    // Looked at in peace: a fault would be met by what only reads, too.
    let sums = "SELECT count(*) FROM account WHERE balance <> 100 \
        + (SELECT coalesce(sum(amount), 0) FROM transfer WHERE target = account.id) \
        - (SELECT coalesce(sum(amount), 0) FROM transfer WHERE source = account.id)";
    let (sum, transfers) = (
        "SELECT sum(balance)::bigint FROM account",
        "SELECT count(*) FROM transfer",
    );
    assert_eq!(patiently(&pool, sum).await, 100 * ACCOUNTS);
    assert_eq!(patiently(&pool, transfers).await, TASKS * TRANSFERS);
    assert_eq!(patiently(&pool, sums).await, 0);
    let open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND usename = 'admin'";
    assert_eq!(patiently(&pool, open).await, 0);
    cluster.shutdown().await;
    unknown
}

/// Statements that may be run twice, until they have gone through: the cluster
/// fails from the start.
async fn bank(pool: &DsqlPool) {
    for sql in [
        "CREATE TABLE IF NOT EXISTS account (id bigint PRIMARY KEY, balance bigint NOT NULL)"
            .to_owned(),
        "CREATE TABLE IF NOT EXISTS transfer (id bigint PRIMARY KEY, source bigint NOT NULL, \
         target bigint NOT NULL, amount bigint NOT NULL)"
            .to_owned(),
        format!(
            "INSERT INTO account SELECT n, 100 FROM generate_series(1, {ACCOUNTS}) n ON CONFLICT DO NOTHING"
        ),
    ] {
        let plan = dsql_sql::translate(&sql, &Default::default());
        let mut failed = 0;
        while let Err(error) = pool.run_plan(&plan, |_| {}).await {
            failed += 1;
            assert!(failed < 50, "{error}");
        }
    }
}

/// Moves money, and where the outcome is not known, looks whether it was moved.
/// Answers how often that was.
async fn transfer_once(pool: &DsqlPool, id: i64) -> u32 {
    let mut unknown = 0;
    loop {
        match transfer(pool, id).await {
            Ok(()) => return unknown,
            Err(Error::Ambiguous { .. }) => {
                unknown += 1;
                let moved = format!("SELECT count(*) FROM transfer WHERE id = {id}");
                if patiently(pool, &moved).await == 1 {
                    return unknown;
                }
            }
            Err(error) => panic!("{error}"),
        }
    }
}

async fn transfer(pool: &DsqlPool, id: i64) -> Result<(), Error> {
    let source = fastrand::i64(1..=ACCOUNTS);
    let target = fastrand::i64(1..ACCOUNTS);
    let target = target + i64::from(target >= source);
    let amount = fastrand::i64(1..=10);
    pool.transact(move |tx| {
        Box::pin(async move {
            sqlx::query("INSERT INTO transfer VALUES ($1, $2, $3, $4)")
                .bind(id)
                .bind(source)
                .bind(target)
                .bind(amount)
                .execute(&mut *tx)
                .await?;
            for (account, change) in [(source, -amount), (target, amount)] {
                // Read, and written as read: lost if another could come between.
                let balance: i64 = sqlx::query_scalar("SELECT balance FROM account WHERE id = $1")
                    .bind(account)
                    .fetch_one(&mut *tx)
                    .await?;
                sqlx::query("UPDATE account SET balance = $1 WHERE id = $2")
                    .bind(balance + change)
                    .bind(account)
                    .execute(&mut *tx)
                    .await?;
            }
            Ok(())
        })
    })
    .await
}

/// Reads a number in a transaction that is run again.
async fn patiently(pool: &DsqlPool, sql: &str) -> i64 {
    let policy = pool.retry_policy().clone().idempotent(true);
    let sql = sql.to_owned();
    let read = pool.transact_with(&policy, |tx| {
        let sql = sql.clone();
        Box::pin(async move {
            let number = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
            Ok::<_, Error>(number.fetch_one(tx).await?)
        })
    });
    read.await.unwrap()
}
