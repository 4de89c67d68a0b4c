//! A cluster's life: its port, its data.

use std::time::Duration;

use dsql_local::{Error, LocalCluster};

use super::support::{Ask, Fixture};

#[tokio::test]
async fn a_port_in_use_is_named() {
    let first = LocalCluster::start().await.unwrap();
    let second = LocalCluster::builder().port(first.port()).start().await;
    let error = second.err().unwrap();
    assert!(matches!(error, Error::Listen { .. }));
    assert!(error.to_string().contains(&first.port().to_string()));
}

#[tokio::test]
async fn what_is_kept_is_there_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let start = || async {
        let builder = LocalCluster::builder().data_dir(folder.path().join("data"));
        Fixture {
            cluster: builder.start().await.unwrap(),
        }
    };
    let fixture = start().await;
    let authority = std::fs::read(fixture.cluster.ca_file()).unwrap();
    let client = fixture.client().await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    client.rows("INSERT INTO t VALUES (7)").await;
    fixture.cluster.shutdown().await;

    let fixture = start().await;
    let client = fixture.client().await;
    assert_eq!(client.rows("SELECT id FROM t").await, ["7"]);
    // Clients go on trusting the certificate that they know.
    assert_eq!(std::fs::read(fixture.cluster.ca_file()).unwrap(), authority);
}

#[tokio::test]
async fn two_clusters_know_nothing_of_each_other() {
    let (one, two) = (Fixture::start().await, Fixture::start().await);
    let client = one.client().await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    let client = two.client().await;
    assert_eq!(client.refused("SELECT * FROM t").await.0, "42P01");
    // A token of one is no good at the other.
    let mut crossed = two.config();
    crossed.password(one.config().get_password().unwrap());
    assert!(two.try_client(&crossed).await.is_err());
}

#[tokio::test]
async fn a_cluster_that_drains_lets_transactions_end_and_nobody_in() {
    let mut fixture = Fixture::start().await;
    let (idle, writer) = (fixture.client().await, fixture.client().await);
    writer.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    writer.rows("BEGIN").await;
    writer.rows("INSERT INTO t VALUES (1)").await;
    let config = fixture.config();
    let too_soon = fixture.cluster.drain(Duration::from_millis(200)).await;
    assert!(!too_soon, "a transaction is open");
    assert!(fixture.try_client(&config).await.is_err());
    assert!(idle.simple_query("SELECT 1").await.is_err());
    writer.rows("INSERT INTO t VALUES (2)").await;
    writer.rows("COMMIT").await;
    assert!(fixture.cluster.drain(Duration::from_secs(30)).await);
    fixture.cluster.shutdown().await;
}

#[tokio::test]
async fn a_transaction_that_does_not_end_is_rolled_back_when_the_time_is_up() {
    let folder = tempfile::tempdir().unwrap();
    let start = || async {
        let builder = LocalCluster::builder().data_dir(folder.path().join("data"));
        Fixture {
            cluster: builder.start().await.unwrap(),
        }
    };
    let mut fixture = start().await;
    let client = fixture.client().await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    client.rows("BEGIN").await;
    client.rows("INSERT INTO t VALUES (1)").await;
    assert!(!fixture.cluster.drain(Duration::from_millis(50)).await);
    fixture.cluster.shutdown().await;
    let fixture = start().await;
    let client = fixture.client().await;
    assert_eq!(client.rows("SELECT count(*) FROM t").await, ["0"]);
}

/// The client's and everyone else's session is gone, and that is all.
#[tokio::test]
async fn a_postgresql_that_is_killed_under_a_cluster_comes_back_with_what_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let builder = LocalCluster::builder().data_dir(&data).status(0);
    let fixture = Fixture {
        cluster: builder.start().await.unwrap(),
    };
    let client = fixture.client().await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    client.rows("INSERT INTO t VALUES (7)").await;
    let pid_file = std::fs::read_to_string(data.join("postgres/postmaster.pid")).unwrap();
    let server: u32 = pid_file.lines().next().unwrap().parse().unwrap();
    let script = format!("kill -s KILL {server}");
    let killed = std::process::Command::new("/bin/sh")
        .args(["-c", &script])
        .status();
    assert!(killed.unwrap().success());
    let config = fixture.config();
    let client = loop {
        match fixture.try_client(&config).await {
            Ok(client) => break client,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    assert_eq!(client.rows("SELECT id FROM t").await, ["7"]);
    let job = client.rows("CREATE INDEX ASYNC ON t (id)").await.remove(0);
    let wait = format!("CALL sys.wait_for_job('{job}')");
    assert_eq!(client.rows(&wait).await, ["t"]);
}
