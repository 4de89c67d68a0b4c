//! DDL written for PostgreSQL is translated, or refused with advice.

use std::sync::{Arc, Mutex};

use sea_orm::sea_query::{Alias, ColumnDef, Index, IndexOrder, Table};
use sea_orm::{ConnectionTrait as _, SqlErr, entity::*};

use crate::entity::{author, book, counter};
use crate::support::{create, error, number, with_db};

#[tokio::test]
async fn an_index_is_built_and_the_hook_told_what_became_of_it() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        db.on_translate(move |translation| {
            let steps: String = translation
                .steps()
                .iter()
                .map(ToString::to_string)
                .collect();
            log.lock()
                .unwrap()
                .push((translation.sql().to_owned(), steps));
        });
        let index = Index::create()
            .name("counter_n")
            .table(counter::Entity)
            .col((counter::Column::N, IndexOrder::Desc))
            .to_owned();
        db.execute(&index).await.unwrap();
        let valid = "SELECT count(*) FROM pg_index \
                     WHERE indexrelid = 'counter_n'::regclass AND indisvalid";
        assert_eq!(number(db, valid).await, 1);
        let seen = seen.lock().unwrap();
        let [(from, to)] = seen.as_slice() else {
            panic!("{seen:?}")
        };
        assert!(from.starts_with("CREATE INDEX \"counter_n\""), "{from}");
        assert!(to.contains("CREATE INDEX ASYNC"), "{to}");
    })
    .await;
}

#[tokio::test]
async fn a_serial_key_becomes_an_identity_that_numbers_rows() {
    with_db(async |db| {
        db.execute_unprepared("CREATE TABLE author (id bigserial PRIMARY KEY, name text UNIQUE)")
            .await
            .unwrap();
        let one = author::ActiveModel {
            name: Set("Ursula".into()),
            ..Default::default()
        };
        let two = author::ActiveModel {
            name: Set("Italo".into()),
            ..Default::default()
        };
        let (one, two) = (one.insert(db).await.unwrap(), two.insert(db).await.unwrap());
        assert_ne!(one.id, two.id);
    })
    .await;
}

#[tokio::test]
async fn a_column_with_default_and_not_null_is_added_to_a_table_with_rows() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        counter::Entity::insert_many((0..10).map(|id| counter::ActiveModel {
            id: Set(id),
            n: Set(0),
        }))
        .exec(db)
        .await
        .unwrap();
        let alter = Table::alter()
            .table(counter::Entity)
            .add_column(
                ColumnDef::new(Alias::new("colour"))
                    .string()
                    .not_null()
                    .default("red"),
            )
            .to_owned();
        db.execute(&alter).await.unwrap();
        assert_eq!(
            number(db, "SELECT count(*) FROM counter WHERE colour = 'red'").await,
            10
        );
    })
    .await;
}

#[tokio::test]
async fn a_column_of_a_table_with_rows_gets_another_type() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        for id in 1..=3 {
            let row = counter::ActiveModel {
                id: Set(id),
                n: Set(id * 10),
            };
            counter::Entity::insert(row).exec(db).await.unwrap();
        }
        let wider = Table::alter()
            .table(counter::Entity)
            .modify_column(ColumnDef::new(counter::Column::N).decimal_len(20, 2))
            .to_owned();
        db.execute(&wider).await.unwrap();
        assert_eq!(number(db, "SELECT sum(n)::bigint FROM counter").await, 60);
        let typed = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'counter'::regclass \
                     AND attname = 'n' AND format_type(atttypid, atttypmod) = 'numeric(20,2)'";
        assert_eq!(number(db, typed).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_truncate_empties_the_table() {
    with_db(async |db| {
        create(db, counter::Entity).await;
        counter::Entity::insert_many((0..1500).map(|id| counter::ActiveModel {
            id: Set(id),
            n: Set(0),
        }))
        .exec(db)
        .await
        .unwrap();
        let truncate = Table::truncate().table(counter::Entity).to_owned();
        db.execute(&truncate).await.unwrap();
        assert_eq!(number(db, "SELECT count(*) FROM counter").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_script_of_several_statements_is_run_one_by_one() {
    with_db(async |db| {
        db.execute_unprepared(
            "BEGIN;
             CREATE TABLE a (id bigint PRIMARY KEY);
             CREATE TABLE b (id bigint PRIMARY KEY);
             INSERT INTO a VALUES (1), (2);
             COMMIT;",
        )
        .await
        .unwrap();
        assert_eq!(number(db, "SELECT count(*) FROM a").await, 2);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_with_the_rule_and_nothing_is_run() {
    with_db(async |db| {
        let error = error(
            db.execute_unprepared(
                "CREATE TABLE a (id bigint PRIMARY KEY); CREATE EXTENSION hstore",
            )
            .await,
        );
        assert!(
            error.to_string().contains("cannot be run on Aurora DSQL"),
            "{error}"
        );
        assert!(error.to_string().contains('['), "no rule is named: {error}");
        error_of_missing_table(db).await;
    })
    .await;
}

async fn error_of_missing_table(db: &dsql_sea_orm::Dsql) {
    let error = error(db.execute_unprepared("SELECT * FROM a").await);
    assert!(error.to_string().contains("does not exist"), "{error}");
}

#[tokio::test]
async fn errors_of_ddl_arrive_as_those_of_the_server() {
    with_db(async |db| {
        create(db, author::Entity).await;
        let twice = author::ActiveModel {
            name: Set("Ursula".into()),
            ..Default::default()
        };
        twice.clone().insert(db).await.unwrap();
        let error = error(twice.insert(db).await);
        assert!(
            matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))),
            "{error}"
        );
    })
    .await;
}

#[tokio::test]
async fn the_schema_builder_applies_and_syncs_entities() {
    with_db(async |db| {
        let builder = || {
            db.get_schema_builder()
                .register(author::Entity)
                .register(book::Entity)
        };
        builder().apply(db).await.unwrap();
        let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()";
        assert_eq!(number(db, tables).await, 2);
        builder().sync(db).await.unwrap();
        assert_eq!(number(db, tables).await, 2);
    })
    .await;
}

#[tokio::test]
async fn sync_adds_what_an_entity_has_gained() {
    with_db(async |db| {
        db.execute_unprepared("CREATE TABLE counter (id bigint PRIMARY KEY)")
            .await
            .unwrap();
        db.get_schema_builder()
            .register(counter::Entity)
            .sync(db)
            .await
            .unwrap();
        assert_eq!(number(db, "SELECT count(n) FROM counter").await, 0);
    })
    .await;
}
