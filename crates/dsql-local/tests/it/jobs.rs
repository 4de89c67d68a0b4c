//! Asynchronous DDL: a job is answered, and can be waited for.

use tokio_postgres::Client;

use super::support::{Ask, Fixture};

/// A session with a table `t`.
async fn with_table() -> (Fixture, Client) {
    let fixture = Fixture::start().await;
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
}

#[tokio::test]
async fn an_open_transaction_does_not_hold_up_a_job() {
    let (fixture, client) = with_table().await;
    let other = fixture.client().await;
    other.rows("BEGIN").await;
    other.rows("INSERT INTO t VALUES (1, 1, 'a')").await;
    let job = client.rows("CREATE INDEX ASYNC ON t (a)").await.remove(0);
    assert_eq!(wait(&client, &job).await, ["t"]);
    other.rows("COMMIT").await;
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
