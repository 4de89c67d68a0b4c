//! The whole of it, on the PostgreSQL of this machine.

use super::*;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use tempfile::TempDir;
use tokio_postgres::NoTls;

const BOOTSTRAP: Bootstrap = Bootstrap {
    version: "1",
    sql: "CREATE SCHEMA sys;\n\nCREATE FUNCTION sys.answer() RETURNS int LANGUAGE plpgsql AS $$ BEGIN\n\n  RETURN 42;\n\nEND $$;",
};

/// A folder that PostgreSQL's user can enter.
fn folder() -> TempDir {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// With the cache of the user: one template for all the tests.
fn options() -> Options {
    Options {
        bootstrap: Some(BOOTSTRAP),
        ..Options::default()
    }
}

fn options_with(cache: &TempDir) -> Options {
    Options {
        cache_dir: Some(cache.path().into()),
        ..options()
    }
}

async fn connect(postgres: &Postgres) -> tokio_postgres::Client {
    let mut config = tokio_postgres::Config::new();
    config
        .host_path(postgres.socket_dir())
        .port(postgres.port())
        .user(postgres.superuser())
        .dbname("postgres");
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn number(client: &tokio_postgres::Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// The process number of a running PostgreSQL, from its own lock file.
fn pid(postgres: &Postgres) -> String {
    let text = fs::read_to_string(postgres.data_dir().join("postmaster.pid")).unwrap();
    text.lines().next().unwrap().to_owned()
}

/// Signals one process. Never a group and never by the program `kill`: some releases of it take the number of a group
/// for every process there is.
fn kill(signal: &str, process: &str) {
    let process: u32 = process.parse().unwrap();
    assert!(process > 1);
    let script = format!("kill -s {signal} {process}");
    assert!(
        Command::new("/bin/sh")
            .args(["-c", &script])
            .status()
            .unwrap()
            .success()
    );
}

/// Waits for something that another process brings about.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "{what} did not come about"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_temporary_server_answers_and_leaves_nothing_behind() {
    let postgres = Postgres::start(options()).await.unwrap();
    let client = connect(&postgres).await;
    assert_eq!(number(&client, "SELECT sys.answer()::int8").await, 42);
    let shown: String = client
        .query_one("SHOW default_transaction_isolation", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(shown, "repeatable read");
    let databases: Vec<String> = client
        .query("SELECT datname::text FROM pg_database", &[])
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(databases, ["postgres"]);

    let socket = postgres
        .socket_dir()
        .join(format!(".s.PGSQL.{}", postgres.port()));
    assert!(fs::metadata(&socket).unwrap().file_type().is_socket());
    assert_eq!(
        fs::metadata(postgres.socket_dir()).unwrap().mode() & 0o777,
        0o700,
        "nobody else gets at the socket"
    );
    assert!(postgres.version().starts_with(|c: char| c.is_ascii_digit()));

    let (home, server) = (postgres.home().to_owned(), pid(&postgres));
    let exited = postgres.exited();
    postgres.stop().await;
    assert!(exited.await.contains("ended with status 0"));
    assert!(!home.exists());
    assert!(!process::is_alive(server.parse().unwrap()));
    postgres.stop().await;
}

#[tokio::test]
async fn dropping_it_is_enough() {
    let postgres = Postgres::start(options()).await.unwrap();
    let home = postgres.home().to_owned();
    drop(postgres);
    until("the end of PostgreSQL", || !home.exists()).await;
}

#[tokio::test]
async fn the_template_is_made_once_also_when_several_start_at_once() {
    let cache = folder();
    let starts = (0..3)
        .map(|_| tokio::spawn(Postgres::start(options_with(&cache))))
        .collect::<Vec<_>>();
    for start in starts {
        start.await.unwrap().unwrap().stop().await;
    }
    let templates = || {
        let entries = fs::read_dir(cache.path())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect::<Vec<_>>()
    };
    assert_eq!(templates().len(), 1, "{:?}", templates());
    let changed = Bootstrap {
        version: "2",
        ..BOOTSTRAP
    };
    let postgres = Postgres::start(Options {
        bootstrap: Some(changed),
        ..options_with(&cache)
    })
    .await
    .unwrap();
    postgres.stop().await;
    assert_eq!(
        templates().len(),
        2,
        "another bootstrap is another template"
    );
}

#[tokio::test]
async fn a_cache_that_cannot_be_used_costs_time_and_not_the_start() {
    let cache = folder();
    let file = cache.path().join("file");
    fs::write(&file, "").unwrap();
    let postgres = Postgres::start(Options {
        cache_dir: Some(file.join("dsql")),
        ..options_with(&cache)
    })
    .await
    .unwrap();
    assert_eq!(
        number(&connect(&postgres).await, "SELECT sys.answer()::int8").await,
        42
    );
    postgres.stop().await;
}

#[tokio::test]
async fn a_bootstrap_that_fails_says_what_postgresql_said() {
    let cache = folder();
    let broken = Bootstrap {
        version: "1",
        sql: "CREATE SCHEMA a; CREATE TABLE a.b (c nonsense);",
    };
    let error = Postgres::start(Options {
        bootstrap: Some(broken),
        ..options_with(&cache)
    })
    .await
    .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("type \"nonsense\" does not exist"), "{text}");
    let left: Vec<_> = fs::read_dir(cache.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(
        left.iter().all(|path| path.is_file()),
        "no half-made template stays: {left:?}"
    );
}

#[tokio::test]
async fn a_server_that_does_not_come_up_says_why_and_leaves_nothing() {
    let settings = vec![("shared_buffers".to_owned(), "many".to_owned())];
    let error = Postgres::start(Options {
        settings,
        ..options()
    })
    .await
    .unwrap_err()
    .to_string();
    assert!(
        error.contains("did not start") && error.contains("shared_buffers"),
        "{error}"
    );
}

#[tokio::test]
async fn a_kept_data_directory_keeps_its_data() {
    let folder = folder();
    let data = folder.path().join("deep/er");
    let kept = || Options {
        data_dir: Some(data.clone()),
        ..options()
    };
    let postgres = Postgres::start(kept()).await.unwrap();
    connect(&postgres)
        .await
        .batch_execute("CREATE TABLE t (n int8); INSERT INTO t VALUES (7)")
        .await
        .unwrap();
    postgres.stop().await;

    let postgres = Postgres::start(kept()).await.unwrap();
    assert_eq!(
        number(&connect(&postgres).await, "SELECT n FROM t").await,
        7
    );
    postgres.stop().await;

    let other = Bootstrap {
        version: "99",
        ..BOOTSTRAP
    };
    let error = Postgres::start(Options {
        bootstrap: Some(other),
        ..kept()
    })
    .await
    .unwrap_err()
    .to_string();
    assert!(error.contains("another version of `dsql local`"), "{error}");
}

#[tokio::test]
async fn two_servers_on_one_data_directory_are_refused() {
    let folder = folder();
    let kept = || Options {
        data_dir: Some(folder.path().join("data")),
        ..options()
    };
    let postgres = Postgres::start(kept()).await.unwrap();
    // As another process would: the lock names a living one that is not us.
    fs::write(
        folder.path().join("data/lock"),
        format!("{}\n", std::os::unix::process::parent_id()),
    )
    .unwrap();
    let error = Postgres::start(kept()).await.unwrap_err().to_string();
    assert!(
        error.contains("another local cluster is running on it"),
        "{error}"
    );
    postgres.stop().await;
}

#[tokio::test]
async fn a_postgresql_that_is_killed_comes_back_with_every_commit() {
    let postgres = Postgres::start(options()).await.unwrap();
    let client = connect(&postgres).await;
    client
        .batch_execute("CREATE TABLE t (n int8); INSERT INTO t SELECT generate_series(1, 1000)")
        .await
        .unwrap();
    let first = pid(&postgres);
    kill("KILL", &first);
    until("another PostgreSQL", || {
        postgres.is_ready() && pid(&postgres) != first
    })
    .await;
    assert_eq!(
        number(&connect(&postgres).await, "SELECT count(*) FROM t").await,
        1000
    );
    postgres.stop().await;
}

#[tokio::test]
async fn a_kill_9_of_keeper_and_server_leaves_a_data_directory_that_starts_by_itself() {
    let folder = folder();
    let kept = || Options {
        data_dir: Some(folder.path().join("data")),
        ..options()
    };
    let postgres = Postgres::start(kept()).await.unwrap();
    connect(&postgres)
        .await
        .batch_execute("CREATE TABLE t (n int8); INSERT INTO t VALUES (7)")
        .await
        .unwrap();
    let server = pid(&postgres);
    // The server's parent is the keeper's supervisor, whose parent is the keeper.
    let supervisor = parent(&server);
    let keeper = parent(&supervisor);
    assert_eq!(parent(&keeper), std::process::id().to_string());
    let temporary = postgres.socket_dir().parent().unwrap().to_owned();
    // In this order none of them comes to react to the end of another: without its supervisor the server is not started
    // again, and without its keeper it would be stopped in good order, by us.
    for process in [&supervisor, &server, &keeper] {
        kill("KILL", process);
    }
    postgres.stop().await;
    assert!(!temporary.exists());

    assert!(folder.path().join("data/postgres/postmaster.pid").exists());
    let postgres = Postgres::start(kept()).await.unwrap();
    assert_eq!(
        number(&connect(&postgres).await, "SELECT n FROM t").await,
        7
    );
    postgres.stop().await;
}

#[tokio::test]
async fn when_the_keeper_alone_is_killed_postgresql_does_not_go_on_without_it() {
    let postgres = Postgres::start(options()).await.unwrap();
    let (server, home) = (pid(&postgres), postgres.home().to_owned());
    kill("KILL", &parent(&parent(&server)));
    assert!(postgres.exited().await.contains("ended with status"));
    postgres.stop().await;
    assert!(!home.exists());
    assert!(!process::is_alive(server.parse().unwrap()));
}

/// The process that started another one.
fn parent(process: &str) -> String {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    stat.rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .to_owned()
}

/// Runs this test binary again, as a process that can be killed.
fn another_process(test: &str, home: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture"])
        .env("DSQL_LOCAL_TEST_HOME", home)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
#[ignore = "is the process that others kill"]
async fn serve_until_killed() {
    let Some(folder) = std::env::var_os("DSQL_LOCAL_TEST_HOME").map(PathBuf::from) else {
        return;
    };
    let options = Options {
        bootstrap: Some(BOOTSTRAP),
        ..Options::default()
    };
    let postgres = Postgres::start(options).await.unwrap();
    fs::write(
        folder.join("told.new"),
        format!("{}\n{}\n", postgres.home().display(), pid(&postgres)),
    )
    .unwrap();
    fs::rename(folder.join("told.new"), folder.join("told")).unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn whatever_kills_the_process_stops_postgresql_and_removes_its_files() {
    for signal in ["KILL", "TERM", "INT", "HUP"] {
        let cache = folder();
        let mut process = another_process("postgres::tests::serve_until_killed", cache.path());
        let told = cache.path().join("told");
        until("a running server", || told.exists()).await;
        let told = fs::read_to_string(told).unwrap();
        let (home, server) = told.trim().split_once('\n').unwrap();
        assert!(Path::new(home).exists() && process::is_alive(server.parse().unwrap()));
        kill(signal, &process.id().to_string());
        process.wait().unwrap();
        until("the end of PostgreSQL", || {
            !Path::new(home).exists() && !process::is_alive(server.parse().unwrap())
        })
        .await;
    }
}

#[tokio::test]
async fn a_process_killed_at_any_moment_of_the_start_leaves_nothing() {
    let cache = folder();
    Postgres::start(options()).await.unwrap().stop().await;
    let temporary = tempfile::Builder::new()
        .prefix("t")
        .tempdir_in("/tmp")
        .unwrap();
    fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o777)).unwrap();
    for delay in [2, 8, 15, 25, 40, 60, 80, 110] {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([
                "postgres::tests::serve_until_killed",
                "--exact",
                "--ignored",
            ])
            .env("DSQL_LOCAL_TEST_HOME", cache.path())
            .env("TMPDIR", temporary.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(Duration::from_millis(delay)).await;
        process.kill().unwrap();
        process.wait().unwrap();
        let empty = || fs::read_dir(temporary.path()).unwrap().next().is_none();
        until("an empty temporary folder", empty).await;
    }
}
