//! What a user of `dsql-sqlx` sees, on a local cluster or on the one that `DSQL_URL` names.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod apply;
mod bank;
mod in_batches;
mod migrate;
mod restart;
mod run_until;
mod single;

use std::future::Future as _;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, mpsc};
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use dsql_connect::{Credentials, CredentialsError};
use dsql_local::LocalCluster;
use dsql_sql::translate;
use dsql_sqlx::{Config, DsqlPool, Error, ErrorClass, ErrorExt as _, Progress, RetryPolicy, sqlx};
use sqlx::AssertSqlSafe;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The tests share one cluster. It lives on a runtime of its own, since each
/// test's ends with the test. Nobody is told on it that the schema has changed:
/// it is others' tests that change it.
static CLUSTER: LazyLock<(Config, Option<Credentials>)> = LazyLock::new(|| cluster(false));

/// With OC001 for those whose catalog is old, or without.
fn cluster(schema_conflicts: bool) -> (Config, Option<Credentials>) {
    if std::env::var_os("DSQL_URL").is_some() {
        return (Config::from_env().expect("DSQL_URL"), None);
    }
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let builder = LocalCluster::builder().schema_conflicts(schema_conflicts);
            let cluster = builder
                .start()
                .await
                .unwrap_or_else(|error| panic!("{error}"));
            send.send((cluster.config(), Some(keys(&cluster)))).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receive.recv().expect("a local cluster")
}

fn config() -> Config {
    CLUSTER.0.clone()
}

/// The cluster's own keys.
fn keys(cluster: &LocalCluster) -> Credentials {
    let env = cluster.env();
    let value = |name| env.iter().find(|(key, _)| *key == name).unwrap().1.clone();
    Credentials::from_keys(
        value("AWS_ACCESS_KEY_ID"),
        value("AWS_SECRET_ACCESS_KEY"),
        None,
    )
}

async fn pool() -> DsqlPool {
    DsqlPool::connect_with(config())
        .await
        .unwrap_or_else(|error| panic!("{error}"))
}

/// A pool of one connection, so that what one user leaves on it the next one finds.
async fn single() -> DsqlPool {
    DsqlPool::builder(config())
        .max_connections(1)
        .connect()
        .await
        .unwrap()
}

fn unique(name: &str) -> String {
    format!("{name}_{:08x}", fastrand::u32(..))
}

async fn run(pool: &DsqlPool, sql: impl Into<String>) -> dsql_sqlx::Report {
    let sql = sql.into();
    let plan = translate(&sql, &Default::default());
    pool.run_plan(&plan, |_| {})
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

async fn number(pool: &DsqlPool, sql: impl Into<String>) -> i64 {
    let mut connection = pool.acquire().await.unwrap();
    sqlx::query_scalar(AssertSqlSafe(sql.into()))
        .fetch_one(&mut *connection)
        .await
        .unwrap()
}

/// A table of one row, whose column `n` is 0.
async fn counter(pool: &DsqlPool) -> String {
    let table = unique("counter");
    run(
        pool,
        format!("CREATE TABLE {table} (id bigint PRIMARY KEY, n bigint NOT NULL)"),
    )
    .await;
    run(pool, format!("INSERT INTO {table} VALUES (1, 0)")).await;
    table
}

async fn drop_table(pool: &DsqlPool, table: &str) {
    run(pool, format!("DROP TABLE {table}")).await;
}

#[tokio::test]
async fn a_connection_made_after_the_token_expired_signs_in_with_a_fresh_one() {
    let mut config = config();
    config.token_duration(Duration::from_secs(2));
    let pool = DsqlPool::builder(config)
        .max_connections(2)
        .connect()
        .await
        .unwrap();
    let first = pool.acquire().await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let second = pool
        .acquire()
        .await
        .expect("made with a token that has not expired");
    drop((first, second));
}

#[tokio::test]
async fn a_statement_goes_through_the_bare_pool_too() {
    let pool = pool().await;
    let one: i32 = sqlx::query_scalar("SELECT 1")
        .fetch_one(pool.pg_pool())
        .await
        .unwrap();
    assert_eq!(one, 1);
}

#[tokio::test]
async fn the_program_is_named_by_convention_unless_the_user_names_it() {
    async fn name(pool: &DsqlPool) -> String {
        let mut connection = pool.acquire().await.unwrap();
        sqlx::query_scalar("SHOW application_name")
            .fetch_one(&mut *connection)
            .await
            .unwrap()
    }
    let by_convention = DsqlPool::builder(config())
        .orm("sea-orm")
        .connect()
        .await
        .unwrap();
    let found = name(&by_convention).await;
    assert!(
        found.starts_with("sea-orm:aurora-dsql-rust-sqlx/"),
        "{found}"
    );

    let mut config = config();
    config.application_name("clinic");
    let named = DsqlPool::builder(config)
        .orm("sea-orm")
        .connect()
        .await
        .unwrap();
    assert_eq!(name(&named).await, "clinic");
}

#[tokio::test]
async fn a_cluster_that_does_not_answer_is_named_in_the_error() {
    let mut config = config();
    // Nobody listens on port 1.
    config.host("localhost").port(1);
    let error = DsqlPool::connect_with(config).await.unwrap_err();
    assert!(
        matches!(error, Error::Unreachable { port: 1, .. }),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .starts_with("could not connect to localhost:1 as admin"),
        "{error}"
    );
}

/// Credentials that last for two seconds and then cannot be had any more.
#[tokio::test]
async fn without_a_new_token_idle_connections_serve_on_and_acquire_says_why_it_cannot() {
    let Some(keys) = &CLUSTER.1 else { return };
    let (keys, asked) = (keys.clone(), AtomicU32::new(0));
    let mut config = config();
    config.credentials_fn(move || {
        let keys = match asked.fetch_add(1, Ordering::Relaxed) {
            0 => Ok(Credentials::new(
                keys.access_key_id(),
                keys.secret_access_key(),
                None,
                Some(SystemTime::now() + Duration::from_secs(2)),
                "a test",
            )),
            _ => Err(CredentialsError::not_loaded("the session is over")),
        };
        async move { keys }
    });
    let pool = DsqlPool::builder(config)
        .max_connections(2)
        .connect()
        .await
        .unwrap();
    drop(pool.acquire().await.unwrap());
    tokio::time::sleep(Duration::from_secs(3)).await;
    let idle = pool.acquire().await.expect("the idle connection");
    let error = pool.acquire().await.unwrap_err();
    assert!(error.to_string().contains("the session is over"), "{error}");
    drop(idle);
}

#[tokio::test]
async fn a_connection_lost_before_commit_is_retried() {
    let Some((pool, cut)) = through_a_cut().await else {
        return;
    };
    let table = counter(&pool).await;
    let mut attempts = 0;
    pool.transact_async(async |tx| {
        attempts += 1;
        cut.store(attempts == 1, Ordering::Relaxed);
        increment(tx, &table).await
    })
    .await
    .unwrap();
    assert_eq!(attempts, 2);
    assert_eq!(number(&pool, format!("SELECT n FROM {table}")).await, 1);
    drop_table(&pool, &table).await;
}

#[tokio::test]
async fn a_connection_lost_during_commit_leaves_the_outcome_to_the_caller() {
    let Some((pool, cut)) = through_a_cut().await else {
        return;
    };
    let table = counter(&pool).await;
    let mut attempts = 0;
    let mut work = async |tx: &mut sqlx::PgConnection| {
        attempts += 1;
        let n = increment(tx, &table).await?;
        cut.store(attempts == 1, Ordering::Relaxed);
        Ok::<_, Error>(n)
    };
    let error = pool.transact_async(&mut work).await.unwrap_err();
    assert!(matches!(error, Error::Ambiguous { .. }), "{error:?}");
    assert_eq!(error.class(), ErrorClass::Ambiguous);
    assert_eq!(attempts, 1);

    // Here the COMMIT never arrived, so twice is once.
    attempts = 0;
    let idempotent = RetryPolicy::default().idempotent(true);
    let mut work = async |tx: &mut sqlx::PgConnection| {
        attempts += 1;
        let n = increment(tx, &table).await?;
        cut.store(attempts == 1, Ordering::Relaxed);
        Ok::<_, Error>(n)
    };
    pool.transact_async_with(&idempotent, &mut work)
        .await
        .unwrap();
    assert_eq!(attempts, 2);
    assert_eq!(number(&pool, format!("SELECT n FROM {table}")).await, 1);
    drop_table(&pool, &table).await;
}

/// A pool whose connections run through a relay, and a switch: once it is
/// thrown, the relay drops the connection on which the client speaks next.
/// Only where the cluster is a local one.
async fn through_a_cut() -> Option<(DsqlPool, Arc<AtomicBool>)> {
    CLUSTER.1.as_ref()?;
    let mut config = config();
    let cluster = config.get_port();
    let relay = TcpListener::bind("127.0.0.1:0").await.unwrap();
    config.port(relay.local_addr().unwrap().port());
    let cut = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&cut);
    tokio::spawn(async move {
        while let Ok((client, _)) = relay.accept().await {
            let server = TcpStream::connect(("127.0.0.1", cluster)).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            let back = tokio::spawn(async move {
                tokio::io::copy(&mut from_server, &mut to_client).await.ok();
            });
            let cut = Arc::clone(&cut);
            tokio::spawn(async move {
                let mut bytes = [0; 16 * 1024];
                while let Ok(n @ 1..) = from_client.read(&mut bytes).await {
                    if cut.swap(false, Ordering::Relaxed) {
                        back.abort();
                        return;
                    }
                    to_server.write_all(&bytes[..n]).await.ok();
                }
            });
        }
    });
    Some((DsqlPool::connect_with(config).await.unwrap(), switch))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_tasks_increment_one_row_and_no_increment_is_lost() {
    const TASKS: i64 = 16;
    const EACH: i64 = 5;
    let patient = RetryPolicy::default()
        .max_attempts(200)
        .cap(Duration::from_millis(200))
        .max_total(Duration::from_secs(120));
    let pool = DsqlPool::builder(config())
        .max_connections(16)
        .retry(patient)
        .connect()
        .await
        .unwrap();
    let table = counter(&pool).await;
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (pool, table) = (pool.clone(), table.clone());
            tokio::spawn(async move {
                for _ in 0..EACH {
                    let table = table.clone();
                    pool.transact_async(async move |tx| increment(tx, &table).await)
                        .await
                        .unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(
        number(&pool, format!("SELECT n FROM {table}")).await,
        TASKS * EACH
    );
    drop_table(&pool, &table).await;
}

/// Reads and then writes, so that the increment of whoever commits meanwhile
/// would be lost if the transaction were not refused.
async fn increment(tx: &mut sqlx::PgConnection, table: &str) -> Result<i64, Error> {
    let n: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT n FROM {table} WHERE id = 1")))
        .fetch_one(&mut *tx)
        .await?;
    sqlx::query(AssertSqlSafe(format!(
        "UPDATE {table} SET n = $1 WHERE id = 1"
    )))
    .bind(n + 1)
    .execute(&mut *tx)
    .await?;
    Ok(n + 1)
}

#[tokio::test]
async fn a_conflict_runs_the_closure_again_from_its_start() {
    let pool = pool().await;
    let table = counter(&pool).await;
    let mut attempts = 0;
    let n = pool
        .transact_async(async |tx| {
            attempts += 1;
            let n = increment(tx, &table).await?;
            if attempts == 1 {
                // Someone else commits first.
                pool.transact(|tx| {
                    let table = table.clone();
                    Box::pin(async move { increment(tx, &table).await })
                })
                .await?;
            }
            Ok::<_, Error>(n)
        })
        .await
        .unwrap();
    assert_eq!((attempts, n), (2, 2));
    drop_table(&pool, &table).await;
}

#[tokio::test]
async fn without_retries_left_the_conflict_is_the_error() {
    let pool = pool().await;
    let table = counter(&pool).await;
    let error = pool
        .transact_async_with(&RetryPolicy::never(), async |tx| {
            increment(tx, &table).await?;
            pool.transact_async(async |tx| increment(tx, &table).await)
                .await
        })
        .await
        .unwrap_err();
    assert_eq!(error.class(), ErrorClass::Conflict);
    assert_eq!(error.sqlstate().as_deref(), Some("40001"));
    drop_table(&pool, &table).await;
}

#[tokio::test]
async fn an_error_of_the_application_rolls_back_and_is_not_retried() {
    let pool = pool().await;
    let table = counter(&pool).await;
    let mut attempts = 0;
    let result: Result<(), Box<dyn std::error::Error + Send + Sync>> = pool
        .transact_async(async |tx| {
            attempts += 1;
            increment(tx, &table).await?;
            Err("changed my mind".into())
        })
        .await;
    assert_eq!(result.unwrap_err().to_string(), "changed my mind");
    assert_eq!(attempts, 1);
    assert_eq!(number(&pool, format!("SELECT n FROM {table}")).await, 0);
    drop_table(&pool, &table).await;
}

#[tokio::test]
async fn a_cancelled_transaction_leaves_nothing_open_on_its_connection() {
    let (pool, observer) = (single().await, pool().await);
    let table = counter(&observer).await;
    {
        let mut work = std::pin::pin!(pool.transact_async(async |tx| {
            increment(tx, &table).await?;
            std::future::pending::<Result<(), Error>>().await
        }));
        let stuck = tokio::time::timeout(Duration::from_millis(500), &mut work).await;
        assert!(stuck.is_err());
    }
    // The same connection: were the transaction open, this would be in it.
    let mut connection = pool.acquire().await.unwrap();
    sqlx::query(AssertSqlSafe(format!("UPDATE {table} SET n = n + 10")))
        .execute(&mut *connection)
        .await
        .unwrap();
    assert_eq!(
        number(&observer, format!("SELECT n FROM {table}")).await,
        10
    );
    drop(connection);
    drop_table(&observer, &table).await;
}

#[tokio::test]
async fn a_begin_cancelled_on_its_way_leaves_nothing_open_either() {
    let (pool, observer) = (single().await, pool().await);
    let table = counter(&observer).await;
    loop {
        // The connection exists and is idle, so the first poll sends BEGIN.
        drop(pool.acquire().await.unwrap());
        while pool.pg_pool().num_idle() == 0 {
            tokio::task::yield_now().await;
        }
        let mut begin = std::pin::pin!(pool.begin());
        let polled = begin.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        // Now and then the answer is there at once; then nothing was cancelled.
        if polled.is_pending() {
            break;
        }
    }
    let mut connection = pool.acquire().await.unwrap();
    sqlx::query(AssertSqlSafe(format!("UPDATE {table} SET n = n + 10")))
        .execute(&mut *connection)
        .await
        .unwrap();
    assert_eq!(
        number(&observer, format!("SELECT n FROM {table}")).await,
        10
    );
    drop(connection);
    drop_table(&observer, &table).await;
}

#[tokio::test]
async fn a_plan_waits_for_its_indexes_and_fills_its_columns_in_batches() {
    let pool = pool().await;
    let table = unique("pet");
    run(
        &pool,
        format!("CREATE TABLE {table} (id bigint PRIMARY KEY, name text)"),
    )
    .await;
    for from in [0, 2000] {
        run(
            &pool,
            format!(
                "INSERT INTO {table} SELECT n, 'pet ' || n FROM generate_series({}, {}) AS n",
                from + 1,
                from + 2000
            ),
        )
        .await;
    }
    let plan = translate(
        &format!(
            "ALTER TABLE {table} ADD COLUMN species text DEFAULT 'dog';
             CREATE INDEX {table}_name ON {table} (name)"
        ),
        &Default::default(),
    );
    let (mut batches, mut jobs) = (0, 0);
    let report = pool
        .run_plan(&plan, |progress| match progress {
            Progress::Batch { .. } => batches += 1,
            Progress::Waiting { .. } => jobs += 1,
            _ => {}
        })
        .await
        .unwrap_or_else(|error| panic!("{plan}\n{error}"));
    assert_eq!(report.steps.len(), plan.steps.len());
    assert_eq!(report.rows(), 4000, "{report:#?}");
    assert!(batches >= 2, "{batches} batches");
    assert_eq!(jobs, 1);
    let dogs = format!("SELECT count(*) FROM {table} WHERE species = 'dog'");
    assert_eq!(number(&pool, dogs).await, 4000);
    let valid = format!(
        "SELECT count(*) FROM pg_index WHERE indexrelid = '{table}_name'::regclass AND indisvalid"
    );
    assert_eq!(number(&pool, valid).await, 1);
    drop_table(&pool, &table).await;
}

#[tokio::test]
async fn a_unique_index_over_equal_rows_fails_and_the_error_names_it() {
    let pool = pool().await;
    let table = unique("pet");
    run(
        &pool,
        format!("CREATE TABLE {table} (id bigint PRIMARY KEY, name text)"),
    )
    .await;
    run(
        &pool,
        format!("INSERT INTO {table} VALUES (1, 'Rex'), (2, 'Rex')"),
    )
    .await;
    let sql = format!("CREATE UNIQUE INDEX {table}_name ON {table} (name)");
    let error = pool
        .run_plan(&translate(&sql, &Default::default()), |_| {})
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Job { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains(&format!("Index {table}_name is left behind INVALID")),
        "{text}"
    );
    drop_table(&pool, &table).await;
}

#[tokio::test]
async fn a_plan_with_errors_is_not_begun() {
    let pool = pool().await;
    let table = unique("pet");
    let plan = translate(
        &format!("CREATE TABLE {table} (id bigint PRIMARY KEY); CREATE EXTENSION hstore"),
        &Default::default(),
    );
    let error = pool.run_plan(&plan, |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::Plan(_)), "{error:?}");
    assert_eq!(
        number(
            &pool,
            format!("SELECT count(*) FROM pg_tables WHERE tablename = '{table}'")
        )
        .await,
        0
    );
}

#[tokio::test]
async fn a_statement_cached_before_a_change_of_schema_heals() {
    let (pool, other) = (single().await, pool().await);
    let table = counter(&other).await;
    let select = format!("SELECT * FROM {table}");
    let columns = async || {
        pool.transact_async(async |tx| {
            let row = sqlx::query(AssertSqlSafe(select.clone()))
                .fetch_one(&mut *tx)
                .await?;
            Ok::<_, Error>(sqlx::Row::len(&row))
        })
        .await
        .unwrap()
    };
    assert_eq!(columns().await, 2);
    run(&other, format!("ALTER TABLE {table} ADD COLUMN more text")).await;
    assert_eq!(columns().await, 3);
    drop_table(&other, &table).await;
}

/// Without a retry: what an application does that knows nothing of OC001.
#[tokio::test]
async fn idle_connections_do_not_meet_a_change_of_schema_that_went_through_their_pool() {
    // Where nobody else changes it.
    let (config, _) = cluster(true);
    let pool = DsqlPool::builder(config)
        .max_connections(4)
        .connect()
        .await
        .unwrap();
    let table = counter(&pool).await;
    let select = format!("SELECT * FROM {table}");
    let each = async |columns: usize| {
        let mut held = Vec::new();
        for _ in 0..4 {
            let mut connection = pool.acquire().await.unwrap();
            let row = sqlx::query(AssertSqlSafe(select.clone()))
                .fetch_one(&mut *connection)
                .await
                .unwrap();
            assert_eq!(sqlx::Row::len(&row), columns);
            held.push(connection);
        }
    };
    each(2).await;
    run(&pool, format!("ALTER TABLE {table} ADD COLUMN more text")).await;
    each(3).await;
    // By a statement that the pool does not know for what it is.
    let mut connection = pool.acquire().await.unwrap();
    let alter = format!("ALTER TABLE {table} ADD COLUMN yet_more text");
    sqlx::Executor::execute(&mut *connection, AssertSqlSafe(alter))
        .await
        .unwrap();
    drop(connection);
    pool.schema_changed();
    each(4).await;
    drop_table(&pool, &table).await;
}

#[tokio::test]
async fn errors_of_the_server_have_a_class() {
    let pool = pool().await;
    let mut connection = pool.acquire().await.unwrap();
    let refused = sqlx::query("SAVEPOINT here")
        .execute(&mut *connection)
        .await
        .unwrap_err();
    assert_eq!(refused.class(), ErrorClass::Refused);
    let other = sqlx::query("SELECT 1 / 0")
        .execute(&mut *connection)
        .await
        .unwrap_err();
    assert_eq!(other.class(), ErrorClass::Other);
    assert_eq!(other.sqlstate().as_deref(), Some("22012"));
}
