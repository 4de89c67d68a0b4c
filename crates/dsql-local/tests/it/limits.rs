//! How much a transaction may change.

use futures_util::SinkExt;
use tokio_postgres::Client;

use super::support::{Ask, Fixture, refusal};

fn row_limit() -> (String, String) {
    (
        "54000".to_owned(),
        "transaction row limit exceeded".to_owned(),
    )
}

async fn with_table() -> (Fixture, Client) {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    (fixture, client)
}

const COUNT: &str = "SELECT count(*) FROM t";

#[tokio::test]
async fn three_thousand_rows_pass_and_one_more_does_not() {
    let (_fixture, client) = with_table().await;
    client
        .rows("INSERT INTO t SELECT generate_series(1, 3000)")
        .await;
    let too_many = "INSERT INTO t SELECT generate_series(4001, 7001)";
    assert_eq!(client.refused(too_many).await, row_limit());
    assert_eq!(client.rows(COUNT).await, ["3000"]);
    let prepared = client.execute(too_many, &[]).await.unwrap_err();
    assert_eq!(refusal(&prepared), row_limit());
    assert_eq!(client.rows(COUNT).await, ["3000"]);
}

#[tokio::test]
async fn the_rows_of_a_transaction_add_up() {
    let (_fixture, client) = with_table().await;
    client.rows("BEGIN").await;
    client
        .rows("INSERT INTO t SELECT generate_series(1, 2999)")
        .await;
    client.rows("INSERT INTO t VALUES (3000)").await;
    let refused = client.refused("INSERT INTO t VALUES (3001)").await;
    assert_eq!(refused, row_limit());
    assert_eq!(client.refused("SELECT 1").await.0, "25P02");
    client.rows("COMMIT").await;
    assert_eq!(client.rows(COUNT).await, ["0"]);
}

#[tokio::test]
async fn copied_rows_count() {
    let (_fixture, client) = with_table().await;
    for (rows, count) in [(3001, "0"), (3000, "3000")] {
        let sink = client.copy_in("COPY t FROM STDIN").await.unwrap();
        let mut sink = std::pin::pin!(sink);
        let text: String = (0..rows).map(|row| format!("{row}\n")).collect();
        sink.send(bytes::Bytes::from(text)).await.unwrap();
        let copied = sink.finish().await;
        assert_eq!(copied.is_ok(), rows == 3000, "{rows}");
        assert_eq!(client.rows(COUNT).await, [count]);
    }
}
