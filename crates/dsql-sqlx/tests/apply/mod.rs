//! Plans applied to tables with rows in them, and cut short anywhere.

mod case;
mod life;
mod relay;
mod writers;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use dsql_connect::{Credentials, SslMode};
use dsql_sql::Plan;
use dsql_sqlx::{ApplyOptions, Config, DsqlPool, Error, Progress, Report, RetryPolicy, sqlx};
use futures_util::StreamExt as _;
use sqlx::pool::PoolConnection;

use self::case::{Case, catalog, execute, rows};
use self::relay::{Cut, Relay};

/// A cluster on which all runs meet OC001 for the changes of the others,
/// without the cost of reading the system's certificates anew for each of some
/// thousand connections.
fn config() -> Config {
    static CHANGING: LazyLock<(Config, Option<Credentials>)> =
        LazyLock::new(|| super::cluster(true));
    without_certificates(&CHANGING)
}

/// A cluster on which nobody is told that the schema has changed: where a
/// thousand runs change it side by side and each message is counted, a refusal
/// is one message more.
fn quiet() -> Config {
    without_certificates(&super::CLUSTER)
}

fn without_certificates((config, keys): &(Config, Option<Credentials>)) -> Config {
    let mut config = config.clone();
    if keys.is_some() {
        config.sslmode(SslMode::Require);
    }
    config
}

/// A schema of its own, and a connection to look into it.
struct Place {
    schema: String,
    connection: PoolConnection<sqlx::Postgres>,
}

impl Place {
    async fn new(pool: &DsqlPool) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let schema = format!("place_{:08x}_{number}", fastrand::u32(..));
        let mut connection = pool.acquire().await.unwrap();
        for sql in [
            format!("CREATE SCHEMA {schema}"),
            format!("SET search_path = {schema}"),
        ] {
            execute(&mut connection, &sql).await.unwrap();
        }
        Self { schema, connection }
    }

    /// A pool whose connections work in it.
    async fn pool(&self, config: Config) -> Result<DsqlPool, Error> {
        let schema = self.schema.clone();
        DsqlPool::builder(config)
            .connect_options(move |options| options.options([("search_path", schema)]))
            .acquire_timeout(Duration::from_secs(10))
            .retry(patient())
            .connect_lazy()
            .await
    }

    /// Applies a plan straight to the cluster.
    async fn apply(&self, plan: &Plan, cluster: &Config) -> Result<Report, Error> {
        let pool = self.pool(cluster.clone()).await?;
        let report = pool.apply(plan, options(), |_| {}).await;
        pool.close().await;
        report
    }

    /// What a runner that was killed has left to time.
    async fn free_the_lock(&mut self) {
        if self.one("SELECT to_regclass('dsql_lock')").await != "NULL" {
            self.execute("DELETE FROM dsql_lock").await;
        }
    }

    async fn execute(&mut self, sql: &str) {
        let done = execute(&mut self.connection, sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn one(&mut self, sql: &str) -> String {
        let rows = rows(&mut self.connection, sql).await;
        rows.unwrap_or_else(|error| panic!("{sql}: {error}"))
            .join("\n")
    }

    async fn drop(mut self) {
        let sql = format!("DROP SCHEMA {} CASCADE", self.schema);
        self.execute(&sql).await;
        self.execute("RESET search_path").await;
    }
}

fn options() -> ApplyOptions {
    ApplyOptions::default().source("a test").retry(patient())
}

/// As several who change the schema all the time need it.
fn patient() -> RetryPolicy {
    RetryPolicy::default()
        .max_attempts(100)
        .base(Duration::from_millis(1))
        .cap(Duration::from_millis(20))
}

async fn observer(connections: u32) -> DsqlPool {
    observer_of(config(), connections).await
}

async fn observer_of(cluster: Config, connections: u32) -> DsqlPool {
    DsqlPool::builder(cluster)
        .max_connections(connections)
        .connect()
        .await
        .unwrap()
}

/// The run of a case without trouble.
struct Straight {
    /// What the catalog holds afterwards.
    catalog: String,
    /// The messages on the wire, from the first step on.
    messages: i64,
    /// Those of them that are the last of a step.
    last_of_step: Vec<i64>,
}

async fn straight(case: &Case, pool: &DsqlPool, cluster: &Config) -> Straight {
    let mut place = Place::new(pool).await;
    case.set_up(&mut place.connection, &place.schema).await;
    let plan = case.plan(&place.schema);
    let relay = Relay::start(cluster, Cut::Everything, i64::MAX).await;
    let through = place.pool(relay.config(cluster)).await.unwrap();
    let mut last_of_step = Vec::new();
    let report = through
        .apply(&plan, options(), |progress| {
            if let Progress::Started { .. } = progress {
                relay.count();
                last_of_step.push(relay.counted() - 1);
            }
        })
        .await
        .unwrap_or_else(|error| panic!("{}: {error}\n{plan}", case.name));
    let messages = relay.counted();
    assert_eq!(report.already_done, 0);
    assert_is_as_expected(case, &mut place, "without trouble").await;
    assert_eq!(place.one("SELECT count(*) FROM dsql_journal").await, "0");
    assert_eq!(place.one("SELECT count(*) FROM dsql_lock").await, "0");
    let catalog = catalog(&mut place.connection, &place.schema).await;
    place.drop().await;
    Straight {
        catalog,
        messages,
        last_of_step,
    }
}

async fn assert_is_as_expected(case: &Case, place: &mut Place, when: &str) {
    if let Some(fault) = case.faults(&mut place.connection, &place.schema).await {
        panic!(
            "{}, {when}: {fault}\n{}",
            case.name,
            case.plan(&place.schema)
        );
    }
}

/// Between any two steps, and after a third of the other messages, which is
/// another third each time; after each one with `DSQL_EVERY_MESSAGE` set.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_killed_at_any_message_goes_on_when_it_is_applied_again() {
    let cluster = quiet();
    let pool = observer_of(cluster.clone(), 4).await;
    let every = std::env::var_os("DSQL_EVERY_MESSAGE").is_some();
    for case in Case::all() {
        let begun = std::time::Instant::now();
        let straight = straight(&case, &pool, &cluster).await;
        let third = fastrand::i64(0..3);
        // A few more: a connection may be asked whether it is still there.
        let messages = (0..straight.messages + 3).filter(|message| {
            every || message % 3 == third || straight.last_of_step.contains(message)
        });
        let killed: Vec<_> = futures_util::stream::iter(messages)
            .map(|after| kill_after(&case, after, &straight.catalog, &pool, &cluster))
            .buffered(4)
            .collect()
            .await;
        println!(
            "{}: killed at {} of {} messages, {:?}",
            case.name,
            killed.iter().filter(|killed| **killed).count(),
            straight.messages,
            begun.elapsed()
        );
    }
}

/// Applies a case and kills the runner at a message, then applies it again.
/// False: it came to its end before.
async fn kill_after(
    case: &Case,
    after: i64,
    expected: &str,
    pool: &DsqlPool,
    cluster: &Config,
) -> bool {
    let mut place = Place::new(pool).await;
    case.set_up(&mut place.connection, &place.schema).await;
    let plan = case.plan(&place.schema);
    let relay = Relay::start(cluster, Cut::Everything, after).await;
    let through = place.pool(relay.config(cluster)).await.unwrap();
    let killed = tokio::select! {
        biased;
        () = relay.died() => true,
        report = through.apply(&plan, options(), |progress| {
            if let Progress::Started { .. } = progress {
                relay.count();
            }
        }) => {
            report.unwrap_or_else(|error| panic!("{}, {after}: {error}", case.name));
            false
        }
    };
    let when = format!("killed at message {after}");
    place.free_the_lock().await;
    let mut is_over = !killed;
    if killed && place.one("SELECT count(*) FROM dsql_journal").await == "0" {
        // Killed before its first word or after its last.
        is_over = case
            .faults(&mut place.connection, &place.schema)
            .await
            .is_none();
    }
    if !is_over {
        place
            .apply(&plan, cluster)
            .await
            .unwrap_or_else(|error| panic!("{}, {when}: {error}\n{plan}", case.name));
    }
    assert_is_as_expected(case, &mut place, &when).await;
    let found = catalog(&mut place.connection, &place.schema).await;
    assert_eq!(found, expected, "{}, {when}", case.name);
    assert_eq!(
        place.one("SELECT count(*) FROM dsql_journal").await,
        "0",
        "{}, {when}",
        case.name
    );
    place.drop().await;
    killed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_loses_its_connections_all_the_time_goes_on_by_itself() {
    let pool = observer(2).await;
    for case in Case::all() {
        let expected = straight(&case, &pool, &config()).await.catalog;
        for every in [16, 19, 23] {
            let mut place = Place::new(&pool).await;
            case.set_up(&mut place.connection, &place.schema).await;
            let plan = case.plan(&place.schema);
            let relay = Relay::start(&config(), Cut::Connection { every }, every).await;
            let through = place.pool(relay.config(&config())).await.unwrap();
            let mut retries = 0;
            let applied = through
                .apply(&plan, options(), |progress| match progress {
                    Progress::Started { .. } => relay.count(),
                    Progress::Retried { .. } => retries += 1,
                    _ => {}
                })
                .await;
            let when = format!("a connection lost every {every} messages");
            applied.unwrap_or_else(|error| panic!("{}, {when}: {error}\n{plan}", case.name));
            assert_is_as_expected(&case, &mut place, &when).await;
            let found = catalog(&mut place.connection, &place.schema).await;
            assert_eq!(found, expected, "{}, {when}", case.name);
            println!("{}, {when}: {retries} retries", case.name);
            place.free_the_lock().await;
            place.drop().await;
        }
    }
}
