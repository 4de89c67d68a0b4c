//! The door and the wire.

use futures_util::TryStreamExt;
use tokio_postgres::config::{SslMode, SslNegotiation};

use super::support::{Ask, Fixture, refusal};

#[tokio::test]
async fn the_cluster_says_of_itself_what_the_service_says() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    for (sql, answer) in [
        ("SHOW server_version", "16.15"),
        ("SHOW server_version_num", "160015"),
        ("SELECT version()", "PostgreSQL 16"),
        ("SHOW TimeZone", "UTC"),
        ("SHOW transaction_isolation", "repeatable read"),
        ("SELECT current_user", "admin"),
        ("SELECT current_database()", "postgres"),
        ("SELECT current_schema()", "public"),
    ] {
        assert_eq!(client.rows(sql).await, [answer], "{sql}");
    }
}

#[tokio::test]
async fn a_connection_without_tls_is_refused() {
    let fixture = Fixture::start().await;
    let mut config = fixture.config();
    config.ssl_mode(SslMode::Disable);
    let refused = config.connect(tokio_postgres::NoTls).await.err().unwrap();
    assert_eq!(refusal(&refused).0, "28000");
}

#[tokio::test]
async fn tls_can_come_first() {
    let fixture = Fixture::start().await;
    let mut config = fixture.config();
    config.ssl_mode(SslMode::Require);
    config.ssl_negotiation(SslNegotiation::Direct);
    let client = fixture.try_client(&config).await.unwrap();
    assert_eq!(client.rows("SELECT 1").await, ["1"]);
}

#[tokio::test]
async fn a_password_that_is_no_token_is_refused() {
    let fixture = Fixture::start().await;
    let mut config = fixture.config();
    config.password("secret");
    let refused = fixture.try_client(&config).await.err().unwrap();
    assert_eq!(
        refusal(&refused).1,
        "unable to accept connection, access denied"
    );
}

#[tokio::test]
async fn there_is_one_database() {
    let fixture = Fixture::start().await;
    let mut config = fixture.config();
    config.dbname("template1");
    let refused = fixture.try_client(&config).await.err().unwrap();
    assert_eq!(refusal(&refused).0, "3D000");
}

#[tokio::test]
async fn a_pipeline_with_an_error_in_the_middle_answers_each_in_turn() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    let insert = client.prepare("INSERT INTO t VALUES ($1)").await.unwrap();
    let divide = client.prepare("SELECT 1 / $1::int").await.unwrap();
    let (a, b, c, d) = tokio::join!(
        client.execute(&insert, &[&1]),
        client.query_one(&divide, &[&0]),
        client.execute(&insert, &[&2]),
        client.query_one(&divide, &[&1]),
    );
    assert_eq!(a.unwrap(), 1);
    assert_eq!(refusal(&b.unwrap_err()).0, "22012");
    assert_eq!(c.unwrap(), 1);
    assert_eq!(d.unwrap().get::<_, i32>(0), 1);
    assert_eq!(client.rows("SELECT count(*) FROM t").await, ["2"]);
}

#[tokio::test]
async fn rows_come_out_by_copy_and_in_portions() {
    let fixture = Fixture::start().await;
    let mut client = fixture.client().await;
    let copied: Vec<bytes::Bytes> = client
        .copy_out("COPY (SELECT generate_series(1, 3)) TO STDOUT")
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(copied.concat(), b"1\n2\n3\n");
    let transaction = client.transaction().await.unwrap();
    let portal = transaction
        .bind("SELECT generate_series(1, 5)", &[])
        .await
        .unwrap();
    assert_eq!(transaction.query_portal(&portal, 2).await.unwrap().len(), 2);
    assert_eq!(transaction.query_portal(&portal, 0).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_running_statement_can_be_cancelled() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    let cancel = client.cancel_token();
    let running = tokio::spawn(async move {
        let slept = client.simple_query("SELECT pg_sleep(60)").await;
        slept.map(|_| ())
    });
    while !running.is_finished() {
        cancel.cancel_query(fixture.tls()).await.unwrap();
    }
    assert_eq!(refusal(&running.await.unwrap().unwrap_err()).0, "57014");
}

#[tokio::test]
async fn psql_connects_with_the_environment_of_the_cluster() {
    let fixture = Fixture::start().await;
    let script = "CREATE TABLE t (id bigint PRIMARY KEY, name text);
        CREATE INDEX ASYNC ON t (name) \\gset
        CALL sys.wait_for_job(:'job_id');
        INSERT INTO t VALUES (1, 'a'), (2, NULL);
        \\copy t FROM STDIN
3\tc
\\.
        SELECT count(*), max(name) FROM t;
        \\d t";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script.sql");
    std::fs::write(&file, script).unwrap();
    let ran = tokio::process::Command::new("psql")
        .args(["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f"])
        .arg(&file)
        .envs(fixture.cluster.env())
        .output()
        .await;
    let output = match ran {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("not tested: there is no psql on this machine");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let (told, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{told}{errors}");
    assert!(told.contains("3|c"), "{told}");
}
