//! Nested transactions join; nothing is lost silently.

use std::future::{Future as _, pending};
use std::task::{Context, Waker};
use std::time::Duration;

use dsql_sea_orm::{Dsql, DsqlTransaction};
use sea_orm::{
    AccessMode, ConnectionTrait as _, DbErr, IsolationLevel, StreamTrait as _,
    TransactionTrait as _, entity::*,
};

use crate::entity::counter;
use crate::support::{create, error, number, sql, with_db};

fn row(id: i64) -> counter::ActiveModel {
    counter::ActiveModel {
        id: Set(id),
        n: Set(0),
    }
}

async fn rows(db: &Dsql) -> i64 {
    number(db, "SELECT count(*) FROM counter").await
}

#[tokio::test]
async fn what_nested_transactions_write_is_committed_with_the_outer_one() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        let outer = db.begin().await.unwrap();
        row(1).insert(&outer).await.unwrap();
        let inner = outer.begin().await.unwrap();
        row(2).insert(&inner).await.unwrap();
        let innermost = inner.begin().await.unwrap();
        row(3).insert(&innermost).await.unwrap();
        innermost.commit().await.unwrap();
        inner.commit().await.unwrap();
        assert_eq!(rows(db).await, 0, "visible before the outer COMMIT");
        outer.commit().await.unwrap();
        assert_eq!(rows(db).await, 3);
    })
    .await;
}

#[tokio::test]
async fn an_inner_rollback_dooms_the_outer_transaction() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        let outer = db.begin().await.unwrap();
        row(1).insert(&outer).await.unwrap();
        let inner = outer.begin().await.unwrap();
        row(2).insert(&inner).await.unwrap();
        inner.rollback().await.unwrap();
        let error = error(outer.commit().await);
        assert!(
            error.to_string().contains("was rolled back, not committed"),
            "{error}"
        );
        assert_eq!(rows(db).await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_inner_transaction_that_is_dropped_dooms_the_outer_one() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        let outer = db.begin().await.unwrap();
        drop(outer.begin().await.unwrap());
        error(outer.commit().await);
    })
    .await;
}

#[tokio::test]
async fn a_swallowed_database_error_dooms_the_transaction() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        let tx = db.begin().await.unwrap();
        row(1).insert(&tx).await.unwrap();
        let _ = error(row(1).insert(&tx).await);
        let error = error(tx.commit().await);
        assert!(error.to_string().contains("duplicate key"), "{error}");
        assert!(
            error.to_string().contains("was rolled back, not committed"),
            "{error}"
        );
        assert_eq!(rows(db).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_closure_that_fails_rolls_back_and_one_that_succeeds_commits() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        let failed = db
            .transaction(|tx| {
                Box::pin(async move {
                    row(1).insert(tx).await?;
                    Err::<(), _>(DbErr::Custom("changed my mind".into()))
                })
            })
            .await;
        assert!(failed.unwrap_err().to_string().contains("changed my mind"));
        assert_eq!(rows(db).await, 0);
        db.transaction(|tx| {
            Box::pin(async move {
                row(1).insert(tx).await?;
                tx.transaction(|tx| Box::pin(async move { row(2).insert(tx).await }))
                    .await
                    .ok();
                Ok::<_, DbErr>(())
            })
        })
        .await
        .unwrap();
        assert_eq!(rows(db).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_is_rolled_back_when_it_is_dropped() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        let tx = db.begin().await.unwrap();
        row(1).insert(&tx).await.unwrap();
        drop(tx);
        assert_eq!(rows(db).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_transaction_leaves_nothing_open() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        let work = db.transact_async(async |tx| {
            row(1).insert(tx).await?;
            pending::<Result<(), DbErr>>().await
        });
        assert!(
            tokio::time::timeout(Duration::from_millis(500), work)
                .await
                .is_err()
        );
        for id in 10..30 {
            row(id).insert(db).await.unwrap();
        }
        assert_eq!(
            rows(db).await,
            20,
            "an insert went into the transaction that was left"
        );
    })
    .await;
}

#[tokio::test]
async fn a_statement_that_failed_unseen_dooms_the_transaction() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        let tx = db.begin().await.unwrap();
        row(1).insert(&tx).await.unwrap();
        {
            let mut twin = std::pin::pin!(row(1).insert(&tx));
            // Sent, and dropped before its answer was read.
            let _ = twin.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
        error(tx.commit().await);
        assert_eq!(rows(db).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_stream_dropped_half_way_dooms_nothing() {
    use futures_util::TryStreamExt as _;
    with_db(async |db| {
        create(db, counter::Entity).await;
        let tx = db.begin().await.unwrap();
        row(1).insert(&tx).await.unwrap();
        let mut stream = tx
            .stream_raw(sql("SELECT generate_series(1, 1000)"))
            .await
            .unwrap();
        stream.try_next().await.unwrap().unwrap();
        drop(stream);
        tx.commit().await.unwrap();
        assert_eq!(rows(db).await, 1);
    })
    .await;
}

#[tokio::test]
async fn repeatable_read_is_had_and_other_levels_are_refused_clearly() {
    with_db(async |db| {
        let tx = db
            .begin_with_config(Some(IsolationLevel::RepeatableRead), None)
            .await
            .unwrap();
        tx.query_one_raw(sql("SELECT 1")).await.unwrap();
        tx.commit().await.unwrap();
        let error = error(
            db.begin_with_config(Some(IsolationLevel::Serializable), None)
                .await,
        );
        assert!(
            error.to_string().contains("SERIALIZABLE cannot be had"),
            "{error}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_read_only_transaction_cannot_write() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        let tx = db
            .begin_with_config(None, Some(AccessMode::ReadOnly))
            .await
            .unwrap();
        let error = error(row(1).insert(&tx).await);
        assert!(
            error.to_string().contains("read-only transaction"),
            "{error}"
        );
    })
    .await;
}

#[tokio::test]
async fn ddl_alone_in_a_transaction_is_taken_and_rolled_back_with_it() {
    with_db(async |db| {
        let tx = db.begin().await.unwrap();
        tx.execute_unprepared("CREATE TABLE t (id bigint PRIMARY KEY)")
            .await
            .unwrap();
        tx.rollback().await.unwrap();
        error(db.execute_unprepared("SELECT * FROM t").await);
    })
    .await;
}

#[tokio::test]
async fn ddl_that_takes_a_job_must_be_run_outside_a_transaction() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        let tx = db.begin().await.unwrap();
        let error = error(tx.execute_unprepared("CREATE INDEX i ON counter (n)").await);
        assert!(error.to_string().contains("Run it outside"), "{error}");
        // Refused before it was sent: the transaction goes on.
        row(1).insert(&tx).await.unwrap();
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn transaction_control_as_text_is_refused() {
    with_db(async |db| {
        let tx = db.begin().await.unwrap();
        for (what, result) in [
            ("BEGIN", db.execute_unprepared("BEGIN").await),
            ("SAVEPOINT", tx.execute_unprepared("SAVEPOINT a").await),
            ("COMMIT", tx.execute_raw(sql("COMMIT")).await),
        ] {
            let error = error(result);
            assert!(error.to_string().contains(what), "{error}");
            assert!(error.to_string().contains("was not sent"), "{error}");
        }
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn rows_stream_in_a_transaction_and_outside() {
    use futures_util::TryStreamExt as _;
    with_db(async |db| {
        create(db, counter::Entity).await;
        counter::Entity::insert_many((0..100).map(row))
            .exec(db)
            .await
            .unwrap();
        let outside: Vec<_> = counter::Entity::find()
            .stream(db)
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        assert_eq!(outside.len(), 100);
        let tx: DsqlTransaction = db.begin().await.unwrap();
        let mut stream = tx.stream_raw(sql("SELECT * FROM counter")).await.unwrap();
        let mut inside = 0;
        while stream.try_next().await.unwrap().is_some() {
            inside += 1;
        }
        drop(stream);
        assert_eq!(inside, 100);
        tx.commit().await.unwrap();
    })
    .await;
}
