//! Single statements, handed to the pool as SQLx hands them to its own.

use std::time::Duration;

use dsql_local::{Fault, LocalCluster, Moment};
use dsql_sqlx::sqlx::{self, Executor as _};
use dsql_sqlx::{DsqlPool, ErrorClass, ErrorExt as _, RetryPolicy};
use futures_util::TryStreamExt as _;

/// A cluster of its own, since faults are ordered, and a counter on it.
async fn cluster() -> (LocalCluster, DsqlPool) {
    let cluster = LocalCluster::start()
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let pool = DsqlPool::connect_with(cluster.config()).await.unwrap();
    crate::run(
        &pool,
        "CREATE TABLE counter (id bigint PRIMARY KEY, n bigint NOT NULL)",
    )
    .await;
    crate::run(&pool, "INSERT INTO counter VALUES (1, 0)").await;
    (cluster, pool)
}

const ADD: &str = "UPDATE counter SET n = n + 1 WHERE id = 1";
const READ: &str = "SELECT n FROM counter WHERE id = 1";

async fn n(pool: &DsqlPool) -> i64 {
    sqlx::query_scalar(READ).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn a_statement_that_met_a_conflict_is_run_again() {
    let (cluster, pool) = cluster().await;
    cluster.inject(Fault::conflict().containing("UPDATE counter").times(4));
    let done = sqlx::query(ADD).execute(&pool).await.unwrap();
    assert_eq!(done.rows_affected(), 1);
    let returned = "UPDATE counter SET n = n + $1 WHERE id = 1 RETURNING n";
    cluster.inject(Fault::conflict().containing("UPDATE counter").times(2));
    let n: Vec<i64> = sqlx::query_scalar(returned)
        .bind(10_i64)
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(n, [11]);
    cluster.inject(Fault::conflict().containing("UPDATE counter"));
    let n: i64 = sqlx::query_scalar(returned)
        .bind(100_i64)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(n, 111);
    // By the simple protocol, too.
    cluster.inject(Fault::conflict().containing("UPDATE counter"));
    pool.execute(ADD).await.unwrap();
    assert_eq!(self::n(&pool).await, 112);
    assert_eq!(cluster.faults().conflict, 8);
    cluster.shutdown().await;
}

#[tokio::test]
async fn every_connection_goes_on_after_the_schema_has_changed() {
    let (cluster, pool) = cluster().await;
    // Ten connections, all of which have the statement cached.
    let mut open = Vec::new();
    for _ in 0..10 {
        let mut connection = pool.acquire().await.unwrap();
        sqlx::query("SELECT * FROM counter")
            .fetch_all(&mut *connection)
            .await
            .unwrap();
        open.push(connection);
    }
    drop(open);
    let other = DsqlPool::connect_with(cluster.config()).await.unwrap();
    crate::run(&other, "ALTER TABLE counter ADD COLUMN more text").await;
    for _ in 0..20 {
        let row = sqlx::query("SELECT * FROM counter")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(sqlx::Row::len(&row), 3);
    }
    cluster.shutdown().await;
}

#[tokio::test]
async fn a_read_whose_connection_is_lost_is_run_again() {
    let (cluster, pool) = cluster().await;
    for fault in [
        Fault::disconnect(Moment::BeforeStatement),
        Fault::unavailable(Moment::BeforeStatement),
    ] {
        cluster.inject(fault.containing("SELECT n FROM counter"));
        assert_eq!(n(&pool).await, 0);
    }
    let faults = cluster.faults();
    assert_eq!((faults.disconnect, faults.unavailable), (1, 1));
    cluster.shutdown().await;
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_run_again_only_where_twice_is_once() {
    let (cluster, pool) = cluster().await;
    let lost = || Fault::disconnect(Moment::AfterCommit).containing("UPDATE counter");
    cluster.inject(lost());
    let error = sqlx::query(ADD).execute(&pool).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Ambiguous, "{error}");
    assert!(
        error
            .to_string()
            .contains("may or may not have been applied"),
        "{error}"
    );
    // It was.
    assert_eq!(n(&pool).await, 1);

    cluster.inject(lost());
    let twice_is_once = RetryPolicy::default().idempotent(true);
    sqlx::query("UPDATE counter SET n = 5 WHERE id = 1")
        .execute(pool.retrying(&twice_is_once))
        .await
        .unwrap();
    assert_eq!(n(&pool).await, 5);
    assert_eq!(cluster.faults().disconnect, 2);
    cluster.shutdown().await;
}

#[tokio::test]
async fn a_function_that_writes_is_not_taken_for_a_read() {
    let (cluster, pool) = cluster().await;
    let function = "CREATE FUNCTION add_one() RETURNS bigint LANGUAGE SQL AS \
        $$ UPDATE counter SET n = n + 1 WHERE id = 1 RETURNING n $$";
    crate::run(&pool, function).await;
    cluster.inject(Fault::disconnect(Moment::BeforeStatement).containing("add_one"));
    let error = sqlx::query("SELECT add_one()")
        .execute(&pool)
        .await
        .unwrap_err();
    assert_eq!(error.class(), ErrorClass::Ambiguous, "{error}");
    assert_eq!(n(&pool).await, 0);
    cluster.shutdown().await;
}

#[tokio::test]
async fn a_script_with_transactions_of_its_own_is_run_once() {
    let (cluster, pool) = cluster().await;
    let script = "BEGIN; UPDATE counter SET n = n + 1; COMMIT; INSERT INTO counter VALUES (2, 0)";
    cluster.inject(Fault::conflict().containing("INSERT INTO counter"));
    let error = pool.execute(sqlx::raw_sql(script)).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Conflict, "{error}");
    assert_eq!(n(&pool).await, 1);

    // One without is a transaction as a whole.
    let script = "UPDATE counter SET n = n + 1; INSERT INTO counter VALUES (2, 0)";
    cluster.inject(Fault::conflict().containing("INSERT INTO counter"));
    pool.execute(sqlx::raw_sql(script)).await.unwrap();
    assert_eq!(n(&pool).await, 2);
    cluster.shutdown().await;
}

#[tokio::test]
async fn a_stream_is_begun_again_until_a_row_was_handed_out() {
    let (cluster, pool) = cluster().await;
    crate::run(
        &pool,
        "INSERT INTO counter SELECT n, 0 FROM generate_series(2, 100) n",
    )
    .await;
    cluster.inject(Fault::disconnect(Moment::BeforeStatement).containing("ORDER BY id"));
    let rows: Vec<i64> = sqlx::query_scalar::<_, i64>("SELECT id FROM counter ORDER BY id")
        .fetch(&pool)
        .try_collect()
        .await
        .unwrap();
    assert!(rows.into_iter().eq(1..=100));
    assert_eq!(cluster.faults().disconnect, 1);
    cluster.shutdown().await;
}

/// Whatever the faults: what is reported as done is there once, and nothing is there twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn single_inserts_under_faults_are_applied_once() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let cluster = LocalCluster::builder()
        .faults("conflict=20%,unavailable=5%,disconnect=5%".parse().unwrap())
        .seed(seed)
        .start()
        .await
        .unwrap();
    let patient = RetryPolicy::default()
        .max_attempts(100)
        .base(Duration::from_millis(2))
        .cap(Duration::from_millis(50))
        .idempotent(true);
    let pool = DsqlPool::builder(cluster.config())
        .max_connections(4)
        .retry(patient);
    let pool = pool.connect().await.unwrap();
    let create = "CREATE TABLE IF NOT EXISTS entry (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n bigint NOT NULL)";
    pool.execute(create).await.unwrap();

    let careful = pool.retry_policy().clone().idempotent(false);
    let (mut done, mut unknown) = (Vec::new(), Vec::new());
    for n in 0..200_i64 {
        let insert = sqlx::query("INSERT INTO entry (n) VALUES ($1)").bind(n);
        match insert.execute(pool.retrying(&careful)).await {
            Ok(inserted) => {
                assert_eq!(inserted.rows_affected(), 1);
                done.push(n);
            }
            Err(error) => {
                assert_eq!(error.class(), ErrorClass::Ambiguous, "{error}");
                unknown.push(n);
            }
        }
    }
    assert!(!done.is_empty() && !unknown.is_empty() && cluster.faults().conflict > 0);
    let there: Vec<i64> = sqlx::query_scalar("SELECT n FROM entry ORDER BY n")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert!(
        there.is_sorted_by(|one, other| one < other),
        "twice: {there:?}"
    );
    assert!(done.iter().all(|n| there.contains(n)), "lost");
    assert!(
        unknown.iter().any(|n| there.contains(n)) && unknown.iter().any(|n| !there.contains(n))
    );
    cluster.shutdown().await;
}
