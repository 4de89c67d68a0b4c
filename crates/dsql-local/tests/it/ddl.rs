//! What the service refuses of DDL, and of transactions with DDL in them.

use super::support::{Ask, Fixture, refusal};

fn feature(message: &str) -> (String, String) {
    ("0A000".to_owned(), message.to_owned())
}

const CREATE_A: &str = "CREATE TABLE a (id int PRIMARY KEY)";
const CREATE_B: &str = "CREATE TABLE b (id int PRIMARY KEY)";

#[tokio::test]
async fn one_ddl_a_transaction_and_never_with_dml() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client.rows("BEGIN").await;
    client.rows(CREATE_A).await;
    assert_eq!(
        client.refused(CREATE_B).await,
        feature("multiple ddl statements not supported in a transaction")
    );
    assert_eq!(client.refused("SELECT 1").await.0, "25P02");
    client.rows("COMMIT").await;
    assert_eq!(client.refused("SELECT * FROM a").await.0, "42P01");

    client.rows(CREATE_A).await;
    client.rows("BEGIN").await;
    client.rows("INSERT INTO a VALUES (1)").await;
    assert_eq!(
        client.refused(CREATE_B).await,
        feature("ddl and dml are not supported in the same transaction")
    );
    client.rows("ROLLBACK").await;
    assert_eq!(client.rows("SELECT count(*) FROM a").await, ["0"]);
}

#[tokio::test]
async fn several_statements_in_one_string_are_one_transaction() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    assert_eq!(
        client.refused(&format!("{CREATE_A}; {CREATE_B}")).await,
        feature("multiple ddl statements not supported in a transaction")
    );
    assert_eq!(client.refused("SELECT * FROM a").await.0, "42P01");
    assert_eq!(client.rows("SELECT 1; SELECT 2; ").await, ["1", "2"]);
    client.rows(CREATE_A).await;
    let failed = client
        .refused("INSERT INTO a VALUES (1); INSERT INTO a VALUES (1)")
        .await;
    assert_eq!(failed.0, "23505");
    assert_eq!(client.rows("SELECT count(*) FROM a").await, ["0"]);
    client
        .rows("BEGIN; INSERT INTO a VALUES (1); COMMIT; INSERT INTO a VALUES (2)")
        .await;
    assert_eq!(client.rows("SELECT count(*) FROM a").await, ["2"]);
}

#[tokio::test]
async fn a_refusal_leaves_a_session_alone_and_aborts_a_transaction() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    let savepoint = feature("unsupported transaction statement: SAVEPOINT");
    assert_eq!(client.refused("SAVEPOINT s").await, savepoint);
    assert_eq!(client.rows("SELECT 1").await, ["1"]);
    client.rows("BEGIN").await;
    assert_eq!(client.refused("SAVEPOINT s").await, savepoint);
    assert_eq!(client.refused("SAVEPOINT s").await.0, "25P02");
    assert_eq!(client.refused("ROLLBACK TO s").await.0, "25P02");
    client.rows("COMMIT").await;
    assert_eq!(client.rows("SELECT 1").await, ["1"]);
}

#[tokio::test]
async fn refusals_carry_the_words_of_the_service() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    for (sql, state, message) in [
        (
            "CREATE TABLE u (id serial)",
            "42704",
            "type \"serial\" does not exist",
        ),
        (
            "CREATE INDEX ON t (id)",
            "0A000",
            "unsupported mode. please use CREATE INDEX ASYNC.",
        ),
        ("TRUNCATE t", "0A000", "unsupported statement: Truncate"),
        (
            "ALTER TABLE t ADD COLUMN a int DEFAULT 1",
            "0A000",
            "ALTER TABLE ADD COLUMN with constraint not supported",
        ),
        (
            "CREATE TABLE u (a int[])",
            "0A000",
            "datatype integer[] not supported",
        ),
        (
            "BEGIN ISOLATION LEVEL SERIALIZABLE",
            "0A000",
            "Unsupported isolation level: SERIALIZABLE",
        ),
        (
            "SELECT * FROM t FOR SHARE",
            "0A000",
            "locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported",
        ),
        (
            "SET statement_timeout = 1",
            "0A000",
            "setting configuration parameter \"statement_timeout\" not supported",
        ),
    ] {
        let expected = (state.to_owned(), message.to_owned());
        assert_eq!(client.refused(sql).await, expected, "{sql}");
        let prepared = client.prepare(sql).await.expect_err(sql);
        assert_eq!(refusal(&prepared), expected, "{sql}");
    }
}
