//! A cluster for all tests, a schema for each.

use std::panic::AssertUnwindSafe;
use std::sync::{LazyLock, mpsc};

use dsql_local::LocalCluster;
use dsql_sea_orm::{Config, Dsql, RetryPolicy};
use futures_util::FutureExt as _;
use sea_orm::{ConnectionTrait as _, DbErr, EntityTrait, Statement};

/// Nobody is told on it that the schema has changed: it is others' tests that
/// change it.
static CLUSTER: LazyLock<Config> = LazyLock::new(|| cluster(false));

/// A cluster on a runtime of its own, since each test's ends with the test.
fn cluster(schema_conflicts: bool) -> Config {
    if std::env::var_os("DSQL_URL").is_some() {
        return Config::from_env().expect("DSQL_URL");
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
            send.send(cluster.config()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receive.recv().expect("a local cluster")
}

/// Runs a test in a schema of its own, which is gone afterwards even when the test fails.
pub async fn with_db(test: impl AsyncFnOnce(&Dsql)) {
    with_db_of(CLUSTER.clone(), test).await;
}

/// The same on a cluster of its own, whose sessions meet OC001 after a change of the schema.
pub async fn with_changing_db(test: impl AsyncFnOnce(&Dsql)) {
    with_db_of(cluster(true), test).await;
}

async fn with_db_of(mut config: Config, test: impl AsyncFnOnce(&Dsql)) {
    let schema = format!("test_{:08x}", fastrand::u32(..));
    config.options(format!("-c search_path={schema}"));
    // As patient as sixteen tasks on one row need it.
    let patient = RetryPolicy::default()
        .max_attempts(200)
        .cap(std::time::Duration::from_millis(200))
        .max_total(std::time::Duration::from_secs(120));
    let pool = Dsql::builder(config).max_connections(16).retry(patient);
    let db = Dsql::connect_pool(pool)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    db.execute_unprepared(&format!("CREATE SCHEMA {schema}"))
        .await
        .unwrap();
    let outcome = AssertUnwindSafe(test(&db)).catch_unwind().await;
    db.execute_unprepared(&format!("DROP SCHEMA {schema} CASCADE"))
        .await
        .unwrap();
    db.close().await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// The table of an entity.
pub async fn create<E: EntityTrait>(db: &Dsql, entity: E) {
    db.get_schema_builder()
        .register(entity)
        .apply(db)
        .await
        .unwrap();
}

pub fn sql(text: impl Into<String>) -> Statement {
    Statement::from_string(sea_orm::DbBackend::Postgres, text.into())
}

pub async fn number(db: &Dsql, query: &str) -> i64 {
    let row = db.query_one_raw(sql(query)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// The error, or a failed test.
pub fn error<T>(result: Result<T, DbErr>) -> DbErr {
    match result {
        Ok(_) => panic!("an error was expected"),
        Err(error) => error,
    }
}
