//! What SeaORM offers for queries works as on PostgreSQL.

use dsql_sea_orm::{ErrorClass, ErrorExt as _};
use sea_orm::sea_query::{LockBehavior, LockType, OnConflict};
use sea_orm::{
    DbErr, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    TransactionTrait as _, entity::*,
};
use serde_json::json;
use uuid::Uuid;

use crate::entity::{author, book, counter};
use crate::support::{create, number, with_db};

async fn tables(db: &dsql_sea_orm::Dsql) {
    let builder = db
        .get_schema_builder()
        .register(author::Entity)
        .register(book::Entity);
    builder.apply(db).await.unwrap();
}

fn book(title: &str) -> book::ActiveModelEx {
    book::ActiveModel::builder()
        .set_title(title)
        .set_about(json!({ "pages": title.len() }))
}

#[tokio::test]
async fn a_nested_save_writes_all_levels_and_the_loader_reads_them() {
    with_db(async |db| {
        tables(db).await;
        author::ActiveModel::builder()
            .set_name("Ursula")
            .add_book(book("The Dispossessed"))
            .add_book(book("The Lathe of Heaven"))
            .save(db)
            .await
            .unwrap();
        let authors = author::Entity::load()
            .with(book::Entity)
            .all(db)
            .await
            .unwrap();
        assert_eq!(authors.len(), 1);
        assert_eq!(authors[0].books.iter().count(), 2);
        let related = author::Entity::find()
            .find_with_related(book::Entity)
            .all(db)
            .await
            .unwrap();
        assert_eq!(related[0].1.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_nested_save_that_fails_leaves_nothing() {
    with_db(async |db| {
        tables(db).await;
        let missing = Uuid::new_v4();
        let saved = author::ActiveModel::builder()
            .set_name("Ursula")
            .add_book(book("One"))
            // With a key it is taken for one that is there already.
            .add_book(book("Two").set_id(missing))
            .save(db)
            .await;
        assert!(matches!(saved, Err(DbErr::RecordNotUpdated)));
        assert_eq!(number(db, "SELECT count(*) FROM author").await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_upsert_updates_what_is_there() {
    with_db(async |db| {
        tables(db).await;
        for _ in 0..2 {
            author::Entity::insert(author::ActiveModel {
                name: Set("Italo".into()),
                ..Default::default()
            })
            .on_conflict(
                OnConflict::column(author::Column::Name)
                    .update_column(author::Column::Name)
                    .to_owned(),
            )
            .exec(db)
            .await
            .unwrap();
        }
        assert_eq!(number(db, "SELECT count(*) FROM author").await, 1);
    })
    .await;
}

#[tokio::test]
async fn pages_cursors_json_and_locks() {
    with_db(async |db| {
        tables(db).await;
        let writer = author::ActiveModel {
            name: Set("Italo".into()),
            ..Default::default()
        };
        let writer = writer.insert(db).await.unwrap();
        book::Entity::insert_many((0..25).map(|n| book::ActiveModel {
            id: Set(Uuid::new_v4()),
            author_id: Set(writer.id),
            title: Set(format!("Volume {n:02}")),
            about: Set(json!({ "volume": n })),
            published: Set(None),
        }))
        .exec(db)
        .await
        .unwrap();

        let pages = book::Entity::find()
            .order_by_asc(book::Column::Title)
            .paginate(db, 10);
        assert_eq!(
            pages.num_items_and_pages().await.unwrap().number_of_pages,
            3
        );
        assert_eq!(pages.fetch_page(2).await.unwrap().len(), 5);

        let mut cursor = book::Entity::find().cursor_by(book::Column::Title);
        let page = cursor.after("Volume 09").first(5).all(db).await.unwrap();
        assert_eq!(page[0].title, "Volume 10");
        assert_eq!(page[0].about, json!({ "volume": 10 }));

        let locked = book::Entity::find()
            .filter(book::Column::Title.eq("Volume 03"))
            .lock_exclusive()
            .one(db)
            .await;
        assert!(locked.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn rows_that_are_read_with_a_lock_are_not_changed_by_others_meanwhile() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        for id in 1..=2 {
            let row = counter::ActiveModel {
                id: Set(id),
                n: Set(0),
            };
            row.insert(db).await.unwrap();
        }
        let shared = async |tx: &dsql_sea_orm::DsqlTransaction| {
            let find = counter::Entity::find_by_id(1).lock_shared();
            find.one(tx).await
        };
        let exclusive = async |tx: &dsql_sea_orm::DsqlTransaction| {
            let find = counter::Entity::find_by_id(1);
            let find = find.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::Nowait);
            find.one(tx).await
        };
        for shares in [true, false] {
            let tx = db.begin().await.unwrap();
            let read = if shares {
                shared(&tx).await
            } else {
                exclusive(&tx).await
            };
            assert_eq!(read.unwrap().unwrap().id, 1);
            // It must write to conflict: what only reads does not fail.
            let other = counter::ActiveModel {
                id: Set(2),
                n: Set(7),
            };
            other.update(&tx).await.unwrap();
            let changed = counter::ActiveModel {
                id: Set(1),
                n: Set(i64::from(shares)),
            };
            changed.update(db).await.unwrap();
            let lost = tx.commit().await.unwrap_err();
            assert_eq!(lost.class(), ErrorClass::Conflict, "{lost}");
        }
    })
    .await;
}
