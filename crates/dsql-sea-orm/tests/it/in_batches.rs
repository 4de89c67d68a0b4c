//! More rows than the service takes in a transaction, and rows that are there or made.

use dsql_sea_orm::ErrorExt as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{DbErr, QueryFilter as _, entity::*};
use serde_json::json;
use uuid::Uuid;

use crate::entity::{author, book, counter};
use crate::support::{create, number, with_db};

mod seat {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "seat")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hall: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: i64,
        pub taken: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn counters(ids: impl Iterator<Item = i64> + Send) -> impl Iterator<Item = counter::ActiveModel> {
    ids.map(|id| counter::ActiveModel {
        id: Set(id),
        n: Set(0),
    })
}

#[tokio::test]
async fn seven_thousand_rows_are_inserted_changed_and_deleted() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        let mut told = 0;
        let report = db
            .insert_many_in_batches(counters(0..7000))
            .on_progress(|report| told = report.rows)
            .run()
            .await
            .unwrap();
        assert_eq!((report.rows, report.batches, told), (7000, 7, 7000));
        assert_eq!(report.written, [0..7000; 1]);
        assert_eq!(number(db, "SELECT count(*) FROM counter").await, 7000);

        let update = counter::Entity::update_many()
            .col_expr(counter::Column::N, Expr::col(counter::Column::N).add(1))
            .filter(counter::Column::Id.gte(500));
        let report = db
            .update_many_in_batches(update)
            .rows(900)
            .run()
            .await
            .unwrap();
        assert_eq!(report.rows, 6500);
        assert_eq!(number(db, "SELECT sum(n)::bigint FROM counter").await, 6500);

        let delete = counter::Entity::delete_many().filter(counter::Column::N.eq(1));
        let report = db
            .delete_many_in_batches(delete)
            .rows(3000)
            .run()
            .await
            .unwrap();
        assert_eq!(report.rows, 6500);
        assert_eq!(number(db, "SELECT count(*) FROM counter").await, 500);
    })
    .await;
}

#[tokio::test]
async fn pages_follow_a_key_of_several_columns() {
    with_db(async |db| {
        create(db, seat::Entity).await;
        let seats = (0..4000).map(|n| seat::ActiveModel {
            hall: Set(format!("hall {}", n % 7)),
            place: Set(n),
            taken: Set(n % 2 == 0),
        });
        db.insert_many_in_batches(seats).run().await.unwrap();
        let update = seat::Entity::update_many()
            .col_expr(seat::Column::Taken, Expr::col(seat::Column::Taken).not());
        let report = db
            .update_many_in_batches(update)
            .rows(300)
            .run()
            .await
            .unwrap();
        assert_eq!((report.rows, report.batches), (4000, 14));
        let taken = "SELECT count(*) FROM seat WHERE taken = (place % 2 = 1)";
        assert_eq!(number(db, taken).await, 4000);
    })
    .await;
}

#[tokio::test]
async fn rows_with_long_values_go_in_transactions_of_fewer() {
    with_db(async |db| {
        create(db, author::Entity).await;
        create(db, book::Entity).await;
        let author = author::ActiveModel {
            name: Set("Ursula".into()),
            ..Default::default()
        };
        let author = author.insert(db).await.unwrap();
        // What can't be compressed away: 20 MB in all.
        let books: Vec<_> = (0..40)
            .map(|n| book::ActiveModel {
                id: Set(Uuid::new_v4()),
                author_id: Set(author.id),
                title: Set(format!("volume {n}")),
                about: Set(json!({ "text": noise(500_000) })),
                published: Set(None),
            })
            .collect();
        let report = db
            .insert_many_in_batches(books)
            .in_flight(2)
            .run()
            .await
            .unwrap();
        assert_eq!(report.rows, 40);
        assert_eq!(report.batches, 5);
    })
    .await;
}

fn noise(length: usize) -> String {
    std::iter::repeat_with(fastrand::alphanumeric)
        .take(length)
        .collect()
}

#[tokio::test]
async fn a_batch_that_fails_is_named_and_what_was_written_is_told() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        db.insert_many_in_batches(counters(2500..2501))
            .run()
            .await
            .unwrap();
        let failed = db
            .insert_many_in_batches(counters(0..4000))
            .in_flight(1)
            .run()
            .await
            .unwrap_err();
        assert_eq!(failed.items, 2000..3000);
        assert_eq!(failed.report.written, [0..2000; 1]);
        assert_eq!(number(db, "SELECT count(*) FROM counter").await, 2001);
        let error = DbErr::from(failed);
        assert_eq!(error.sqlstate().as_deref(), Some("23505"), "{error}");

        // Once more, for those that are missing.
        let report = db
            .insert_many_in_batches(counters(0..4000))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .run()
            .await
            .unwrap();
        assert_eq!(report.rows, 4000 - 2001);
    })
    .await;
}

#[tokio::test]
async fn of_many_that_get_or_create_at_once_one_creates() {
    with_db(async |db| {
        create(db, author::Entity).await;
        let mut tasks = Vec::new();
        for _ in 0..12 {
            let db = db.clone();
            tasks.push(tokio::spawn(async move {
                let find = author::Entity::find().filter(author::Column::Name.eq("Ursula"));
                let create = author::ActiveModel {
                    name: Set("Ursula".into()),
                    ..Default::default()
                };
                db.get_or_create(find, create).await.unwrap()
            }));
        }
        let (mut ids, mut created) = (Vec::new(), 0);
        for task in tasks {
            let (author, is_new) = task.await.unwrap();
            ids.push(author.id);
            created += usize::from(is_new);
        }
        ids.dedup();
        assert_eq!((ids.len(), created), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn of_many_that_update_or_create_at_once_none_is_lost() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        let mut tasks = Vec::new();
        for _ in 0..12 {
            let db = db.clone();
            tasks.push(tokio::spawn(async move {
                let find = counter::Entity::find_by_id(1);
                db.update_or_create(find, |found: Option<counter::Model>| counter::ActiveModel {
                    id: Set(1),
                    n: Set(found.map_or(1, |found| found.n + 1)),
                })
                .await
                .unwrap()
                .1
            }));
        }
        let mut created = 0;
        for task in tasks {
            created += usize::from(task.await.unwrap());
        }
        assert_eq!(created, 1);
        assert_eq!(number(db, "SELECT n FROM counter").await, 12);
    })
    .await;
}

#[tokio::test]
async fn a_duplicate_of_another_key_is_an_error() {
    with_db(async |db| {
        create(db, author::Entity).await;
        let ursula = author::ActiveModel {
            name: Set("Ursula".into()),
            ..Default::default()
        };
        let ursula = ursula.insert(db).await.unwrap();
        let find = author::Entity::find().filter(author::Column::Name.eq("Octavia"));
        let octavia = author::ActiveModel {
            id: Set(ursula.id),
            name: Set("Octavia".into()),
        };
        let error = db.get_or_create(find, octavia).await.unwrap_err();
        assert_eq!(error.sqlstate().as_deref(), Some("23505"), "{error}");
    })
    .await;
}
