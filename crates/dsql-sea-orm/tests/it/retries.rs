//! Conflicts are retried and no write is lost.

use dsql_local::{Fault, LocalCluster, Moment};
use dsql_sea_orm::{Dsql, DsqlTransaction, ErrorClass, ErrorExt as _, RetryPolicy};
use futures_util::TryStreamExt as _;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ConnectionTrait as _, DbErr, TransactionTrait as _, entity::*};

use crate::entity::counter;
use crate::support::{create, error, number, sql, with_changing_db, with_db};

async fn increment(tx: &DsqlTransaction) -> Result<i64, DbErr> {
    let row = counter::Entity::find_by_id(1).one(tx).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("the counter".into()))?;
    let n = row.n + 1;
    let mut row = row.into_active_model();
    row.n = Set(n);
    Ok(row.update(tx).await?.n)
}

async fn prepare(db: &Dsql) {
    create(db, counter::Entity).await;
    counter::ActiveModel {
        id: Set(1),
        n: Set(0),
    }
    .insert(db)
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_tasks_increment_one_row_and_no_increment_is_lost() {
    with_db(async |db| {
        prepare(db).await;
        let tasks: Vec<_> = (0..16)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move {
                    for _ in 0..5 {
                        db.transact_async(async |tx| increment(tx).await).await?;
                    }
                    Ok::<_, DbErr>(())
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(number(db, "SELECT n FROM counter").await, 80);
    })
    .await;
}

#[tokio::test]
async fn a_conflict_runs_the_closure_again_whatever_its_error_type() {
    #[derive(Debug)]
    #[allow(dead_code, reason = "seen by Debug")]
    struct Opaque(String);
    impl From<DbErr> for Opaque {
        fn from(error: DbErr) -> Self {
            Self(error.to_string())
        }
    }
    with_db(async |db| {
        prepare(db).await;
        let mut attempts = 0;
        let n = db
            .transact_async(async |tx| {
                attempts += 1;
                let n = increment(tx).await?;
                if attempts == 1 {
                    db.transact(|tx| Box::pin(increment(tx))).await?;
                }
                Ok::<_, Opaque>(n)
            })
            .await
            .unwrap();
        assert_eq!((attempts, n), (2, 2));
    })
    .await;
}

#[tokio::test]
async fn without_retries_left_the_conflict_is_the_error() {
    with_db(async |db| {
        prepare(db).await;
        let result = db
            .transact_async_with(&RetryPolicy::never(), async |tx| {
                increment(tx).await?;
                db.transact(|tx| Box::pin(increment(tx))).await
            })
            .await;
        let error = error(result);
        assert_eq!(error.class(), ErrorClass::Conflict);
        assert_eq!(error.sqlstate().as_deref(), Some("40001"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn single_statements_are_retried_by_themselves() {
    with_db(async |db| {
        prepare(db).await;
        let tasks: Vec<_> = (0..16)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move {
                    for _ in 0..5 {
                        counter::Entity::update_many()
                            .col_expr(counter::Column::N, Expr::col(counter::Column::N).add(1))
                            .exec(&db)
                            .await?;
                    }
                    Ok::<_, DbErr>(())
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(number(db, "SELECT n FROM counter").await, 80);
    })
    .await;
}

#[tokio::test]
async fn a_single_read_that_is_lost_is_run_again_and_a_write_is_not() {
    let cluster = LocalCluster::start()
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let db = Dsql::connect_with(cluster.config()).await.unwrap();
    prepare(&db).await;
    let lost = Fault::disconnect(Moment::BeforeStatement);
    cluster.inject(lost.containing(r#"FROM "counter""#));
    let row = counter::Entity::find_by_id(1).one(&db).await.unwrap();
    assert_eq!(row.unwrap().n, 0);

    let lost = Fault::disconnect(Moment::BeforeStatement).times(2);
    cluster.inject(lost.containing(r#"FROM "counter""#));
    let mut rows = counter::Entity::find().stream(&db).await.unwrap();
    assert_eq!(rows.try_next().await.unwrap().unwrap().n, 0);
    drop(rows);

    cluster.inject(Fault::disconnect(Moment::AfterCommit).containing("UPDATE"));
    let add = counter::Entity::update_many()
        .col_expr(counter::Column::N, Expr::col(counter::Column::N).add(1));
    let error = error(add.exec(&db).await);
    assert_eq!(error.class(), ErrorClass::Ambiguous, "{error}");
    assert_eq!(number(&db, "SELECT n FROM counter").await, 1);
    assert_eq!(cluster.faults().disconnect, 4);
    cluster.shutdown().await;
}

/// Each connection of a pool learns of a change by itself, at its next use.
#[tokio::test]
async fn every_connection_of_a_pool_goes_on_after_the_schema_has_changed() {
    with_changing_db(async |db| {
        prepare(db).await;
        let columns = async |db: &Dsql| {
            let row = db
                .query_one_raw(sql("SELECT * FROM counter"))
                .await
                .unwrap();
            row.unwrap().column_names().len()
        };
        let in_transaction = async |db: &Dsql| {
            db.transact_async_with(&RetryPolicy::default().max_attempts(2), async |tx| {
                let row = tx.query_one_raw(sql("SELECT * FROM counter")).await?;
                Ok::<_, DbErr>(row.unwrap().column_names().len())
            })
            .await
            .unwrap()
        };
        // Ten connections, all of which have the statement cached.
        let mut open = Vec::new();
        for _ in 0..10 {
            let tx = db.begin().await.unwrap();
            tx.query_one_raw(sql("SELECT * FROM counter"))
                .await
                .unwrap();
            open.push(tx);
        }
        for tx in open {
            tx.commit().await.unwrap();
        }
        db.execute_unprepared("ALTER TABLE counter ADD COLUMN more text")
            .await
            .unwrap();
        for _ in 0..5 {
            assert_eq!(in_transaction(db).await, 3);
            assert_eq!(columns(db).await, 3);
        }
    })
    .await;
}
