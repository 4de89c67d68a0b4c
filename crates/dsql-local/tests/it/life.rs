//! A cluster's life: its port, its data.

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
