//! Faults on demand: a program's retries can be tried out, deterministically.

use std::time::{Duration, Instant};

use dsql_local::{Builder, Fault, LocalCluster, Moment};
use tokio_postgres::Client;

use super::support::{Ask, Fixture, conflict, refusal, schema_changed};

/// A session with a table `t`, on a cluster of these settings.
async fn with_table(builder: Builder) -> (Fixture, Client) {
    let fixture = Fixture {
        cluster: builder.start().await.unwrap(),
    };
    let client = fixture.client().await;
    client
        .rows("CREATE TABLE t (id int PRIMARY KEY, a int)")
        .await;
    (fixture, client)
}

async fn calm() -> (Fixture, Client) {
    with_table(LocalCluster::builder()).await
}

fn unavailable() -> (String, String) {
    ("XX000".to_owned(), "server unavailable".to_owned())
}

const COUNT: &str = "SELECT count(*) FROM t";

#[tokio::test]
async fn an_ordered_conflict_befalls_the_next_commit_that_wrote() {
    let (fixture, client) = calm().await;
    fixture.cluster.inject(Fault::conflict().times(2));
    client.rows("BEGIN").await;
    assert_eq!(client.rows(COUNT).await, ["0"]);
    client.rows("COMMIT").await;

    client.rows("BEGIN").await;
    client.rows("INSERT INTO t VALUES (1)").await;
    assert_eq!(client.refused("COMMIT").await, conflict());
    assert_eq!(client.refused("INSERT INTO t VALUES (1)").await, conflict());
    assert_eq!(client.rows(COUNT).await, ["0"]);

    client.rows("INSERT INTO t VALUES (1)").await;
    assert_eq!(client.rows(COUNT).await, ["1"]);
    let faults = fixture.cluster.faults();
    assert_eq!((faults.conflict, faults.ordered), (2, 0));
}

#[tokio::test]
async fn an_ordered_conflict_befalls_prepared_statements_too() {
    let (fixture, client) = calm().await;
    let insert = client.prepare("INSERT INTO t VALUES ($1)").await.unwrap();
    let update = client.prepare("UPDATE t SET a = $1").await.unwrap();
    for statement in [&insert, &update] {
        fixture.cluster.inject(Fault::conflict());
        let refused = client.execute(statement, &[&1]).await.unwrap_err();
        assert_eq!(refusal(&refused), conflict());
        assert_eq!(client.execute(statement, &[&1]).await.unwrap(), 1);
    }
    assert_eq!(client.rows("SELECT * FROM t").await, ["1|1"]);
}

#[tokio::test]
async fn a_fault_can_wait_for_the_statement_it_is_meant_for() {
    let (fixture, client) = calm().await;
    let fault = Fault::unavailable(Moment::BeforeStatement).containing("count");
    fixture.cluster.inject(fault);
    client.rows("INSERT INTO t VALUES (1)").await;
    assert_eq!(client.refused(COUNT).await, unavailable());
    assert_eq!(client.rows(COUNT).await, ["1"]);

    let fault = Fault::conflict().containing("INSERT INTO t");
    fixture.cluster.inject(fault);
    client.rows("UPDATE t SET a = 1").await;
    client.rows("BEGIN").await;
    client.rows("INSERT INTO t VALUES (2)").await;
    client.rows("UPDATE t SET a = 2").await;
    assert_eq!(client.refused("COMMIT").await, conflict());
    assert_eq!(client.rows("SELECT * FROM t").await, ["1|1"]);
}

#[tokio::test]
async fn an_unavailable_server_aborts_the_transaction_and_keeps_the_connection() {
    let (fixture, client) = calm().await;
    client.rows("BEGIN").await;
    client.rows("INSERT INTO t VALUES (1)").await;
    fixture
        .cluster
        .inject(Fault::unavailable(Moment::BeforeStatement));
    assert_eq!(client.refused("SELECT 1").await, unavailable());
    assert_eq!(client.refused("SELECT 1").await.0, "25P02");
    client.rows("ROLLBACK").await;
    assert_eq!(client.rows(COUNT).await, ["0"]);
}

#[tokio::test]
async fn a_commit_may_go_through_and_its_answer_be_lost() {
    let (fixture, client) = calm().await;
    for (moment, counts) in [
        (Moment::BeforeCommit, ["0", "0", "0"]),
        (Moment::AfterCommit, ["1", "2", "3"]),
    ] {
        let order = || fixture.cluster.inject(Fault::unavailable(moment));
        client.rows("BEGIN").await;
        client.rows("INSERT INTO t VALUES (1)").await;
        order();
        assert_eq!(client.refused("COMMIT").await, unavailable());
        assert_eq!(client.rows(COUNT).await, [counts[0]]);

        order();
        let insert = "INSERT INTO t VALUES (2) RETURNING id";
        assert_eq!(client.refused(insert).await, unavailable());
        assert_eq!(client.rows(COUNT).await, [counts[1]]);

        order();
        let refused = client
            .query_one("INSERT INTO t SELECT 3 RETURNING id", &[])
            .await;
        assert_eq!(refusal(&refused.unwrap_err()), unavailable());
        assert_eq!(client.rows(COUNT).await, [counts[2]]);
    }
}

#[tokio::test]
async fn a_connection_breaks_before_a_statement_and_on_either_side_of_a_commit() {
    let (fixture, witness) = calm().await;
    let mut expected = 0;
    for moment in [
        Moment::BeforeStatement,
        Moment::BeforeCommit,
        Moment::AfterCommit,
    ] {
        for explicit in [true, false] {
            let client = fixture.client().await;
            let mut last = format!("INSERT INTO t VALUES ({expected})");
            if explicit {
                client.rows("BEGIN").await;
                client.rows(&last).await;
                "COMMIT".clone_into(&mut last);
            }
            fixture.cluster.inject(Fault::disconnect(moment));
            let error = client.simple_query(&last).await.unwrap_err();
            assert!(error.is_closed(), "{error:?}");
            expected += i32::from(moment == Moment::AfterCommit);
            assert_eq!(witness.rows(COUNT).await, [expected.to_string()]);
        }
    }
    assert_eq!(fixture.cluster.faults().disconnect, 6);
}

#[tokio::test]
async fn a_changed_schema_befalls_reads_and_is_gone_after_the_retry() {
    let (fixture, client) = calm().await;
    fixture.cluster.inject(Fault::schema());
    assert_eq!(client.refused(COUNT).await, schema_changed());
    assert_eq!(client.rows(COUNT).await, ["0"]);
}

#[tokio::test]
async fn a_slow_statement_holds_up_nobody_else() {
    let (fixture, client) = calm().await;
    client.rows("INSERT INTO t VALUES (1, 0)").await;
    client.rows("BEGIN").await;
    client.rows("UPDATE t SET a = a + 1").await;
    let delay = Duration::from_secs(2);
    let slow = Fault::slow(delay).containing("slow");
    fixture.cluster.inject(slow);
    let begun = Instant::now();
    let statement = async {
        let rows = client.rows("SELECT 'slow'").await;
        (rows, begun.elapsed())
    };
    let other = async {
        let other = fixture.client().await;
        other.rows("UPDATE t SET a = a + 10").await;
        begun.elapsed()
    };
    let ((rows, slow), quick) = tokio::join!(statement, other);
    assert_eq!(rows, ["slow"]);
    assert!(slow >= delay, "{slow:?}");
    assert!(quick < delay, "{quick:?}");
    assert_eq!(client.refused("COMMIT").await, conflict());
    assert_eq!(client.rows("SELECT a FROM t").await, ["10"]);
}

/// What forty inserts of two sessions each meet.
async fn history(seed: u64) -> Vec<Option<String>> {
    let builder = LocalCluster::builder()
        .faults("conflict=20%,unavailable=20%".parse().unwrap())
        .seed(seed);
    let fixture = Fixture {
        cluster: builder.start().await.unwrap(),
    };
    let one = fixture.client().await;
    let two = fixture.client().await;
    while one
        .simple_query("CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY)")
        .await
        .is_err()
    {}
    let inserts = |client: Client, from: i32| async move {
        let mut history = Vec::new();
        for id in from..from + 20 {
            let sql = format!("INSERT INTO t VALUES ({id})");
            let answer = client.simple_query(&sql).await;
            history.push(answer.err().map(|error| refusal(&error).0));
        }
        history
    };
    let (first, second) = tokio::join!(inserts(one, 0), inserts(two, 100));
    assert_eq!(fixture.cluster.seed(), seed);
    [first, second].concat()
}

#[tokio::test]
async fn the_same_seed_brings_the_same_faults_whoever_comes_first() {
    let first = history(11).await;
    assert_eq!(history(11).await, first);
    assert_ne!(history(12).await, first);
    for state in ["40001", "XX000"] {
        assert!((first.iter().flatten()).any(|met| met == state), "{state}");
    }
}
