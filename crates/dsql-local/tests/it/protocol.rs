//! The wire: simple and extended protocol, COPY, cancel requests.

use futures_util::TryStreamExt;

use super::raw::{self, Messages};
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

/// The command tags that `statements` end with, one after the other in one session.
async fn tags(fixture: &Fixture, statements: &[&str], prepared: bool) -> Vec<String> {
    let mut messages = Messages::default();
    for sql in statements {
        if prepared {
            messages.parse("", sql);
            messages.bind("", "", &[]);
            messages.execute("", 0);
            messages.sync();
        } else {
            messages.query(sql);
        }
    }
    let mut client = raw::Client::of_cluster(fixture).await;
    let told = client.run(messages).await;
    (told.iter().map(|told| format!("{told:?}")))
        .filter_map(|told| {
            let tag = told.strip_prefix("C ")?.strip_suffix("\\x00")?;
            Some(tag.to_owned())
        })
        .take(statements.len())
        .collect()
}

#[tokio::test]
async fn statements_that_postgresql_gets_in_other_words_end_with_their_own_tags() {
    let fixture = Fixture::start().await;
    let admin = fixture.client().await;
    admin.rows("CREATE ROLE example WITH LOGIN").await;
    let statements = [
        "SHOW server_version",
        "SHOW server_version_num",
        "SET disable_sync_create_index = off",
        "SHOW disable_sync_create_index",
        "AWS IAM GRANT example TO 'arn:aws:iam::1:role/a'",
        "AWS IAM REVOKE example FROM 'arn:aws:iam::1:role/a'",
    ];
    let expected = [
        "SHOW",
        "SHOW",
        "SET",
        "SHOW",
        "AWS IAM GRANT",
        "AWS IAM REVOKE",
    ];
    for prepared in [false, true] {
        assert_eq!(tags(&fixture, &statements, prepared).await, expected);
    }
}

#[tokio::test]
async fn commit_of_a_transaction_that_was_refused_something_is_a_rollback() {
    let fixture = Fixture::start().await;
    for prepared in [false, true] {
        let statements = ["BEGIN", "SAVEPOINT s", "SELECT 1", "COMMIT", "SELECT 1"];
        assert_eq!(
            tags(&fixture, &statements, prepared).await[..3],
            ["BEGIN", "ROLLBACK", "SELECT 1"]
        );
    }
}

#[tokio::test]
async fn statistics_are_collected_outside_of_transactions_and_without_a_word() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    let told = raw::Client::of_cluster(&fixture)
        .await
        .run(Messages::of_query("ANALYZE"))
        .await;
    let told: Vec<String> = told.iter().map(|told| format!("{told:?}")).collect();
    assert_eq!(told[0], "C ANALYZE\\x00", "{told:?}");
    client.execute("ANALYZE t", &[]).await.unwrap();
    client.rows("BEGIN").await;
    let refused = client.refused("ANALYZE t").await;
    assert_eq!(refused.1, "ANALYZE cannot run inside a transaction block");
    client.rows("ROLLBACK").await;
}
