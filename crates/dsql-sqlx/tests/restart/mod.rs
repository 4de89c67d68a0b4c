//! A cluster that goes away and comes back.

use dsql_local::LocalCluster;
use dsql_sqlx::DsqlPool;

use crate::{number, run};

#[tokio::test]
async fn a_pool_survives_a_restart_of_the_cluster() {
    let data = std::env::temp_dir().join(crate::unique("dsql_restart"));
    let cluster = LocalCluster::builder().data_dir(&data).start().await;
    let cluster = cluster.unwrap_or_else(|error| panic!("{error}"));
    let port = cluster.port();
    let pool = DsqlPool::builder(cluster.config()).max_connections(3);
    let pool = pool.connect().await.unwrap();
    run(&pool, "CREATE TABLE pet (id bigint PRIMARY KEY)").await;
    run(&pool, "INSERT INTO pet VALUES (1)").await;
    // Three connections that will turn out to be dead.
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(pool.acquire().await.unwrap());
    }
    drop(held);

    cluster.shutdown().await;
    let cluster = LocalCluster::builder()
        .data_dir(&data)
        .port(port)
        .start()
        .await;
    let cluster = cluster.unwrap_or_else(|error| panic!("{error}"));
    let count = pool.transact(|tx| {
        Box::pin(async move {
            let count = dsql_sqlx::sqlx::query_scalar("SELECT count(*) FROM pet");
            Ok::<i64, dsql_sqlx::Error>(count.fetch_one(tx).await?)
        })
    });
    assert_eq!(count.await.unwrap(), 1);
    run(&pool, "INSERT INTO pet VALUES (2)").await;
    assert_eq!(number(&pool, "SELECT count(*) FROM pet").await, 2);
    cluster.shutdown().await;
    std::fs::remove_dir_all(data).unwrap();
}
