//! Asynchronous DDL: a job is answered, and can be waited for.

use std::time::Duration;

use dsql_local::{Builder, LocalCluster};
use tokio_postgres::Client;

use super::support::{Ask, Fixture, schema_changed};

/// A session with a table `t`.
async fn with_table() -> (Fixture, Client) {
    on(LocalCluster::builder()).await
}

/// The same on a cluster of these settings.
async fn on(builder: Builder) -> (Fixture, Client) {
    let fixture = Fixture {
        cluster: builder.start().await.unwrap(),
    };
    let client = fixture.client().await;
    client
        .rows("CREATE TABLE t (id int PRIMARY KEY, a int, name text)")
        .await;
    (fixture, client)
}

async fn wait(client: &Client, job: &str) -> Vec<String> {
    client
        .rows(&format!("CALL sys.wait_for_job('{job}')"))
        .await
}

async fn jobs(client: &Client, columns: &str) -> Vec<String> {
    client
        .rows(&format!("SELECT {columns} FROM sys.jobs"))
        .await
}

#[tokio::test]
async fn an_index_is_built_behind_and_can_be_waited_for() {
    let (_fixture, client) = with_table().await;
    let job = client
        .rows("CREATE INDEX ASYNC t_name ON t (name)")
        .await
        .remove(0);
    assert_eq!(job.len(), 26);
    assert_eq!(wait(&client, &job).await, ["t"]);
    assert_eq!(
        jobs(&client, "job_id, status, job_type, details").await,
        [format!("{job}|completed|INDEX_BUILD|NULL")]
    );
    let index = "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_name'::regclass";
    assert_eq!(client.rows(index).await, ["t"]);
}

#[tokio::test]
async fn a_unique_index_over_duplicates_fails_as_a_job_and_not_as_a_statement() {
    let (_fixture, client) = with_table().await;
    client
        .rows("INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'a')")
        .await;
    let sql = "CREATE UNIQUE INDEX ASYNC t_name ON t (name)";
    let row = client.query_one(sql, &[]).await.unwrap();
    let call = format!("CALL sys.wait_for_job('{}')", row.get::<_, &str>("job_id"));
    let row = client.query_one(&call, &[]).await.unwrap();
    assert!(!row.get::<_, bool>("succeeded"));
    assert_eq!(
        jobs(&client, "status, details").await,
        ["failed|Found duplicate key while validating index for UCVs"]
    );
    // What it leaves is an index that is not valid, holds nobody up, and can be dropped.
    assert_eq!(client.rows(VALID).await, ["f|t"]);
    client.rows("INSERT INTO t VALUES (3, 3, 'a')").await;
    let refused = client
        .refused("ALTER TABLE t ADD CONSTRAINT named UNIQUE USING INDEX t_name")
        .await;
    assert_eq!(refused, not_valid());
    client.rows("DROP INDEX t_name").await;
    client.rows("DELETE FROM t WHERE id > 1").await;
    let job = client.rows(sql).await.remove(0);
    assert_eq!(wait(&client, &job).await, ["t"]);
    assert_eq!(client.rows(VALID).await, ["t|t"]);
}

const VALID: &str =
    "SELECT indisvalid, indisunique FROM pg_index WHERE indexrelid = 't_name'::regclass";

fn not_valid() -> (String, String) {
    let message = "index \"t_name\" is not valid";
    ("55000".to_owned(), message.to_owned())
}

#[tokio::test]
async fn while_it_is_built_an_index_is_there_and_not_valid() {
    let delay = Duration::from_secs(2);
    let (_fixture, client) = on(LocalCluster::builder().job_delay(delay)).await;
    client.rows("INSERT INTO t VALUES (1, 1, 'a')").await;
    let job = client
        .rows("CREATE UNIQUE INDEX ASYNC t_name ON t (name) INCLUDE (a)")
        .await
        .remove(0);
    assert_eq!(client.rows(VALID).await, ["f|t"]);
    let state = client
        .rows("SELECT status IN ('submitted', 'processing'), job_type, details FROM sys.jobs")
        .await;
    assert_eq!(state, ["t|INDEX_BUILD|NULL"]);
    let promote = "ALTER TABLE t ADD CONSTRAINT named UNIQUE USING INDEX t_name";
    assert_eq!(client.refused(promote).await, not_valid());
    // It does not yet refuse what it will.
    client.rows("INSERT INTO t VALUES (2, 2, 'a')").await;
    client.rows("UPDATE t SET name = 'b' WHERE id = 2").await;
    assert_eq!(wait(&client, &job).await, ["t"]);
    assert_eq!(client.rows(VALID).await, ["t|t"]);
    let twice = client.refused("INSERT INTO t VALUES (3, 3, 'a')").await;
    assert_eq!(twice.0, "23505");
}

#[tokio::test]
async fn an_index_can_be_promoted_to_a_constraint() {
    let (_fixture, client) = with_table().await;
    let job = client
        .rows("CREATE UNIQUE INDEX ASYNC t_name ON t (name) NULLS NOT DISTINCT")
        .await
        .remove(0);
    assert_eq!(wait(&client, &job).await, ["t"]);
    client
        .rows("ALTER TABLE t ADD CONSTRAINT named UNIQUE USING INDEX t_name")
        .await;
    client.rows("INSERT INTO t VALUES (1, 1, NULL)").await;
    let twice = client.refused("INSERT INTO t VALUES (2, 2, NULL)").await;
    assert_eq!(twice.0, "23505");
}

#[tokio::test]
async fn an_index_that_is_there_is_not_built_again() {
    let (_fixture, client) = with_table().await;
    for _ in 0..2 {
        let job = client
            .rows("CREATE INDEX ASYNC IF NOT EXISTS t_name ON t (name)")
            .await
            .remove(0);
        assert_eq!(wait(&client, &job).await, ["t"]);
        assert_eq!(client.rows(VALID).await, ["t|f"]);
    }
}

#[tokio::test]
async fn a_job_whose_index_was_dropped_meanwhile_fails_and_says_so() {
    let delay = Duration::from_secs(1);
    let (_fixture, client) = on(LocalCluster::builder().job_delay(delay)).await;
    let job = client
        .rows("CREATE INDEX ASYNC t_name ON t (name)")
        .await
        .remove(0);
    client.rows("DROP TABLE t").await;
    assert_eq!(wait(&client, &job).await, ["f"]);
    let build = "SELECT status, details FROM sys.jobs WHERE job_type = 'INDEX_BUILD'";
    assert_eq!(
        client.rows(build).await,
        ["failed|relation \"public.t_name\" does not exist"]
    );
}

#[tokio::test]
async fn an_index_renamed_meanwhile_is_the_one_that_is_built() {
    let delay = Duration::from_secs(1);
    let (_fixture, client) = on(LocalCluster::builder().job_delay(delay)).await;
    let job = client
        .rows("CREATE INDEX ASYNC before ON t (name)")
        .await
        .remove(0);
    client.rows("ALTER INDEX before RENAME TO t_name").await;
    assert_eq!(wait(&client, &job).await, ["t"]);
    assert_eq!(client.rows(VALID).await, ["t|f"]);
}

#[tokio::test]
async fn a_validation_that_finds_a_row_fails_as_a_job() {
    let (_fixture, client) = with_table().await;
    client.rows("INSERT INTO t VALUES (1, -1, 'a')").await;
    client
        .rows("ALTER TABLE t ADD CONSTRAINT a_positive CHECK (a > 0) NOT VALID")
        .await;
    let job = client
        .rows("ALTER TABLE ASYNC t VALIDATE CONSTRAINT a_positive")
        .await
        .remove(0);
    assert_eq!(wait(&client, &job).await, ["f"]);
    assert_eq!(
        jobs(&client, "status, job_type, details").await,
        [
            "failed|VALIDATE_CONSTRAINT|check constraint \"a_positive\" of relation \"t\" is violated by some row"
        ]
    );
    client.rows("UPDATE t SET a = 1").await;
    let job = client
        .rows("ALTER TABLE ASYNC t VALIDATE CONSTRAINT a_positive")
        .await
        .remove(0);
    assert_eq!(wait(&client, &job).await, ["t"]);
}

#[tokio::test]
async fn a_job_that_has_ended_is_shown_for_as_long_as_is_set() {
    let retention = Duration::from_millis(700);
    let (_fixture, client) = on(LocalCluster::builder().job_retention(retention)).await;
    let job = client.rows("CREATE INDEX ASYNC ON t (a)").await.remove(0);
    assert_eq!(wait(&client, &job).await, ["t"]);
    let gone = async { while jobs(&client, "count(*)").await != ["0"] {} };
    tokio::time::timeout(Duration::from_secs(20), gone)
        .await
        .unwrap();
    // Who asks for it then is told what is told of any that is not known.
    assert_eq!(wait(&client, &job).await, ["f"]);
}

#[tokio::test]
async fn a_job_that_was_interrupted_is_taken_up_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || LocalCluster::builder().data_dir(folder.path().join("data"));
    let (fixture, client) = on(kept().job_delay(Duration::from_secs(3600))).await;
    let job = client
        .rows("CREATE INDEX ASYNC t_name ON t (name)")
        .await
        .remove(0);
    while jobs(&client, "status").await != ["processing"] {}
    fixture.cluster.shutdown().await;

    let fixture = Fixture {
        cluster: kept().start().await.unwrap(),
    };
    let client = fixture.client().await;
    assert_eq!(wait(&client, &job).await, ["t"]);
    assert_eq!(client.rows(VALID).await, ["t|f"]);
}

#[tokio::test]
async fn a_job_goes_on_with_its_transaction_after_that_gave_way() {
    let (fixture, client) = with_table().await;
    client.rows("INSERT INTO t VALUES (1, 1, 'a')").await;
    client.rows("BEGIN").await;
    let job = client
        .rows("CREATE INDEX ASYNC t_name ON t (name)")
        .await
        .remove(0);
    // Writes the table whose lock the open transaction holds.
    let other = fixture.client().await;
    other.rows("UPDATE t SET a = 2").await;
    client.rows("COMMIT").await;
    assert_eq!(jobs(&client, "job_id").await, [job.as_str()]);
    assert_eq!(wait(&client, &job).await, ["t"]);
    assert_eq!(client.rows(VALID).await, ["t|f"]);
}

#[tokio::test]
async fn a_mistake_in_the_statement_is_told_at_once_and_starts_no_job() {
    let (_fixture, client) = with_table().await;
    let refused = client.refused("CREATE INDEX ASYNC ON nowhere (a)").await;
    assert_eq!(refused.0, "42P01");
    let refused = client.refused("CREATE INDEX ASYNC ON t (nothing)").await;
    assert_eq!(refused.0, "42703");
    assert_eq!(jobs(&client, "count(*)").await, ["0"]);
}

#[tokio::test]
async fn a_job_of_a_transaction_that_rolls_back_never_was() {
    let (_fixture, client) = with_table().await;
    client.rows("BEGIN").await;
    client.rows("CREATE INDEX ASYNC ON t (a)").await;
    client.rows("ROLLBACK").await;
    assert_eq!(jobs(&client, "count(*)").await, ["0"]);
    client.rows("BEGIN").await;
    let job = client.rows("CREATE INDEX ASYNC ON t (a)").await.remove(0);
    client.rows("COMMIT").await;
    assert_eq!(wait(&client, &job).await, ["t"]);
}

#[tokio::test]
async fn a_constraint_is_validated_behind() {
    let (_fixture, client) = with_table().await;
    client
        .rows("ALTER TABLE t ADD CONSTRAINT a_positive CHECK (a > 0) NOT VALID")
        .await;
    let job = client
        .rows("ALTER TABLE ASYNC t VALIDATE CONSTRAINT a_positive")
        .await
        .remove(0);
    assert_eq!(wait(&client, &job).await, ["t"]);
    let validated = "SELECT convalidated FROM pg_constraint WHERE conname = 'a_positive'";
    assert_eq!(client.rows(validated).await, ["t"]);
}

#[tokio::test]
async fn the_identifier_of_a_job_can_be_a_parameter() {
    let (_fixture, client) = with_table().await;
    let sql = "CREATE INDEX ASYNC ON t (a)";
    let job: String = client.query_one(sql, &[]).await.unwrap().get(0);
    let call = client.prepare("CALL sys.wait_for_job($1)").await.unwrap();
    let row = client.query_one(&call, &[&job]).await.unwrap();
    assert!(row.get::<_, bool>("succeeded"));
    // Nothing of that answer turns up in a later one.
    assert_eq!(client.execute("BEGIN", &[]).await.unwrap(), 0);
    client.execute("ROLLBACK", &[]).await.unwrap();
}

#[tokio::test]
async fn an_open_transaction_does_not_hold_up_a_job() {
    let (fixture, client) = with_table().await;
    let other = fixture.client().await;
    let insert = ["BEGIN", "INSERT INTO t VALUES (1, 1, 'a')"];
    for sql in insert {
        other.rows(sql).await;
    }
    let job = client.rows("CREATE INDEX ASYNC ON t (a)").await.remove(0);
    assert_eq!(wait(&client, &job).await, ["t"]);
    assert_eq!(other.refused("COMMIT").await, schema_changed());
    for sql in insert.into_iter().chain(["COMMIT"]) {
        other.rows(sql).await;
    }
    assert_eq!(client.rows("SELECT count(*) FROM t").await, ["1"]);
}

#[tokio::test]
async fn a_job_that_cannot_be_named_is_refused() {
    let (_fixture, client) = with_table().await;
    assert_eq!(
        client.refused("CALL sys.wait_for_job('nonsense')").await,
        (
            "22P02".to_owned(),
            "Unable to convert text to UUID".to_owned()
        )
    );
}

#[tokio::test]
async fn a_table_that_is_dropped_leaves_a_job() {
    let (_fixture, client) = with_table().await;
    client.rows("CREATE TABLE u (id int PRIMARY KEY)").await;
    let table = client.rows("SELECT 't'::regclass::oid").await.remove(0);
    client.rows("BEGIN").await;
    client.rows("DROP TABLE u").await;
    client.rows("ROLLBACK").await;
    client.rows("DROP TABLE IF EXISTS v").await;
    assert_eq!(jobs(&client, "job_id").await, [""; 0]);
    client.rows("DROP TABLE t").await;
    let job = jobs(&client, "job_id").await.remove(0);
    assert_eq!(wait(&client, &job).await, ["t"]);
    assert_eq!(
        jobs(
            &client,
            "status, job_type, class_id, object_id, object_name"
        )
        .await,
        [format!("completed|DROP|1259|{table}|NULL")]
    );
}
