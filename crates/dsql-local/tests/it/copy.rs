//! COPY, message by message.

use super::raw::{Client, Messages};
use super::support::{Ask, Fixture};

#[tokio::test]
async fn a_statement_in_the_midst_of_a_copy_ends_the_connection_as_in_postgresql() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    let mut messages = Messages::of_query("COPY t FROM STDIN");
    messages.copy_data(b"1\n");
    messages.query("SELECT 1");
    let mut cluster = Client::of_cluster(&fixture).await;
    let mut postgres = Client::of_postgres(&fixture).await;
    let said = |told: Vec<_>| format!("{told:?}").replace("\\x00WCOPY t, line 2", "");
    assert_eq!(
        said(cluster.run(messages.clone()).await),
        said(postgres.run(messages).await)
    );
    assert_eq!(client.rows("SELECT count(*) FROM t").await, ["0"]);
}
