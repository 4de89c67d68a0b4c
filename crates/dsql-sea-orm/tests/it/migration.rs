//! Migrators written for PostgreSQL run unmodified.

use std::cell::Cell;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use dsql_sea_orm::{Dsql, DsqlMigrator, Progress};
use sea_orm::ConnectionTrait as _;
use sea_orm::prelude::ChronoDateTimeUtc;
use sea_orm_migration::{MigrationStatus, prelude::*, schema::*};

use crate::run_until::run_until;
use crate::support::{error, number, sql, with_changing_db, with_db};

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Cakes), Box::new(Fruit)]
    }
}

struct Cakes;

impl MigrationName for Cakes {
    fn name(&self) -> &str {
        "m20260101_cakes"
    }
}

#[allow(elided_lifetimes_in_paths)]
#[async_trait::async_trait]
impl MigrationTrait for Cakes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("cake")
                    .col(pk_auto("id"))
                    .col(string("name"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("cake_name")
                    .table("cake")
                    .col("name")
                    .unique()
                    .to_owned(),
            )
            .await?;
        // Rows in the midst of DDL, as migrations have them.
        let insert = Query::insert()
            .into_table("cake")
            .columns(["name"])
            .values_panic(["Sponge".into()])
            .to_owned();
        manager.execute(insert).await?;
        manager
            .alter_table(
                Table::alter()
                    .table("cake")
                    .add_column(string_null("note"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("cake").to_owned())
            .await
    }
}

struct Fruit;

impl MigrationName for Fruit {
    fn name(&self) -> &str {
        "m20260102_fruit"
    }
}

#[allow(elided_lifetimes_in_paths)]
#[async_trait::async_trait]
impl MigrationTrait for Fruit {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        assert!(manager.has_table("cake").await?);
        assert!(manager.has_column("cake", "note").await?);
        assert!(manager.has_index("cake", "cake_name").await?);
        manager
            .create_table(
                Table::create()
                    .table("fruit")
                    .col(pk_auto("id"))
                    .col(big_integer("cake_id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_foreign_key(
                ForeignKey::create()
                    .name("fruit_cake")
                    .from("fruit", "cake_id")
                    .to("cake", "id")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("fruit").to_owned())
            .await
    }
}

fn statuses(found: Vec<(String, MigrationStatus)>) -> Vec<MigrationStatus> {
    found.into_iter().map(|(_, status)| status).collect()
}

#[tokio::test]
async fn up_and_down_and_status() {
    use MigrationStatus::{Applied, Pending};
    with_changing_db(async |db| {
        let status = async || statuses(DsqlMigrator::<Migrator>::status(db).await.unwrap());
        assert_eq!(status().await, [Pending, Pending]);
        DsqlMigrator::<Migrator>::up(db, Some(1)).await.unwrap();
        assert_eq!(status().await, [Applied, Pending]);
        assert_eq!(number(db, "SELECT count(*) FROM cake").await, 1);
        DsqlMigrator::<Migrator>::up(db, None).await.unwrap();
        DsqlMigrator::<Migrator>::up(db, None).await.unwrap();
        assert_eq!(status().await, [Applied, Applied]);
        let orphan = db
            .execute_unprepared("INSERT INTO fruit (cake_id) VALUES (-1)")
            .await;
        assert!(error(orphan).to_string().contains("fruit_cake"));
        DsqlMigrator::<Migrator>::down(db, Some(1)).await.unwrap();
        assert_eq!(status().await, [Applied, Pending]);
        DsqlMigrator::<Migrator>::refresh(db).await.unwrap();
        DsqlMigrator::<Migrator>::reset(db).await.unwrap();
        assert_eq!(status().await, [Pending, Pending]);
    })
    .await;
}

#[tokio::test]
async fn fresh_drops_everything_first() {
    with_db(async |db| {
        DsqlMigrator::<Migrator>::up(db, None).await.unwrap();
        for sql in [
            "INSERT INTO cake (name) VALUES ('Carrot')",
            "INSERT INTO fruit (cake_id) SELECT max(id) FROM cake",
            "CREATE VIEW names AS SELECT name FROM cake",
            "CREATE SEQUENCE numbers CACHE 1",
            "CREATE DOMAIN short AS text CHECK (length(VALUE) < 10)",
            "CREATE TABLE left_over (id bigint PRIMARY KEY, name short)",
        ] {
            db.execute_unprepared(sql).await.unwrap();
        }
        DsqlMigrator::<Migrator>::fresh(db).await.unwrap();
        assert_eq!(number(db, "SELECT count(*) FROM cake").await, 1);
        assert_eq!(number(db, "SELECT count(*) FROM fruit").await, 0);
        let left = "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace \
                    AND relname IN ('names', 'numbers', 'left_over')";
        assert_eq!(number(db, left).await, 0);
        DsqlMigrator::<Migrator>::down(db, None).await.unwrap();
    })
    .await;
}

/// Reads, takes a way by what it has read, writes, and takes what is answered on.
struct Bakery;

#[allow(elided_lifetimes_in_paths)]
#[async_trait::async_trait]
impl MigrationTrait for Bakery {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        if !manager.has_table("baker").await? {
            manager
                .create_table(
                    Table::create()
                        .table("baker")
                        .col(pk_auto("id"))
                        .col(string("name"))
                        .col(timestamp_with_time_zone("since"))
                        .to_owned(),
                )
                .await?;
        }
        let insert = Query::insert()
            .into_table("baker")
            .columns(["name", "since"])
            // Another value each time.
            .values_panic([
                "Ada".into(),
                ChronoDateTimeUtc::from(SystemTime::now()).into(),
            ])
            .returning_col("id")
            .to_owned();
        let id: i64 = db.query_one(&insert).await?.unwrap().try_get("", "id")?;
        manager
            .alter_table(
                Table::alter()
                    .table("baker")
                    .add_column(big_integer("chief").default(0))
                    .to_owned(),
            )
            .await?;
        db.execute_raw(sql(format!(
            "UPDATE baker SET chief = chief + {id} WHERE id = {id}"
        )))
        .await?;
        manager
            .create_index(
                Index::create()
                    .name("baker_name")
                    .table("baker")
                    .col("name")
                    .unique()
                    .to_owned(),
            )
            .await?;
        db.execute_unprepared("UPDATE baker SET name = name || '!'")
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("baker").to_owned())
            .await
    }
}

impl MigrationName for Bakery {
    fn name(&self) -> &str {
        "m20260103_bakery"
    }
}

struct Bakeries;

impl MigratorTrait for Bakeries {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Bakery), Box::new(Cakes)]
    }
}

/// Everything was done, once, and nothing is kept of how.
async fn assert_migrated(db: &Dsql, killed: usize) {
    let baker = "SELECT count(*) FROM baker WHERE name = 'Ada!' AND chief = id";
    assert_eq!(number(db, baker).await, 1, "killed at {killed}");
    let bakers = "SELECT count(*) FROM baker";
    assert_eq!(number(db, bakers).await, 1, "killed at {killed}");
    let cakes = "SELECT count(*) FROM cake";
    assert_eq!(number(db, cakes).await, 1, "killed at {killed}");
    let kept = "SELECT (SELECT count(*) FROM dsql_record) + (SELECT count(*) FROM dsql_journal)";
    assert_eq!(number(db, kept).await, 0, "killed at {killed}");
}

#[tokio::test]
async fn a_migration_killed_anywhere_goes_on_where_it_was() {
    let (mut at, mut done) = (0, false);
    while !done {
        with_db(async |db| {
            done = run_until(DsqlMigrator::<Bakeries>::up(db, None), at).await;
            DsqlMigrator::<Bakeries>::up(db, None).await.unwrap();
            assert_migrated(db, at).await;
        })
        .await;
        // Each place in the end, as the seeds of the runs differ.
        at += fastrand::usize(5..20);
    }
    assert!(at > 50, "it was killed at a few places only");
}

#[tokio::test]
async fn of_two_migrators_at_once_one_waits_for_the_other() {
    with_changing_db(async |db| {
        let (one, other) = tokio::join!(
            DsqlMigrator::<Bakeries>::up(db, None),
            DsqlMigrator::<Bakeries>::up(db, None),
        );
        one.unwrap();
        other.unwrap();
        assert_migrated(db, 0).await;
    })
    .await;
}

thread_local! {
    /// What the author of [`Edited`] has corrected.
    static CORRECTED: Cell<bool> = const { Cell::new(false) };
}

struct Edited;

impl MigrationName for Edited {
    fn name(&self) -> &str {
        "m20260104_edited"
    }
}

#[allow(elided_lifetimes_in_paths)]
#[async_trait::async_trait]
impl MigrationTrait for Edited {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let corrected = CORRECTED.get();
        if corrected {
            // A read that was not there before.
            manager.has_table("cake").await?;
        }
        for sql in [
            "CREATE TABLE cake (id bigint PRIMARY KEY, name text)",
            "INSERT INTO cake (id, name) VALUES (1, 'Sponge')",
            match corrected {
                true => "UPDATE cake SET name = name || '!'",
                false => "UPDATE cake SET nmae = name || '!'",
            },
        ] {
            db.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

struct EditedOne;

impl MigratorTrait for EditedOne {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Edited)]
    }
}

#[tokio::test]
async fn a_migration_that_failed_goes_on_once_it_is_corrected() {
    with_db(async |db| {
        CORRECTED.set(false);
        let failed = error(DsqlMigrator::<EditedOne>::up(db, None).await);
        assert!(failed.to_string().contains("nmae"), "{failed}");
        let failed = error(DsqlMigrator::<EditedOne>::up(db, None).await);
        assert!(failed.to_string().contains("nmae"), "{failed}");
        CORRECTED.set(true);
        DsqlMigrator::<EditedOne>::up(db, None).await.unwrap();
        let cakes = "SELECT count(*) FROM cake WHERE name = 'Sponge!'";
        assert_eq!(number(db, cakes).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_migration_that_is_forgotten_begins_anew() {
    with_db(async |db| {
        CORRECTED.set(false);
        error(DsqlMigrator::<EditedOne>::up(db, None).await);
        DsqlMigrator::<EditedOne>::forget(db).await.unwrap();
        let failed = error(DsqlMigrator::<EditedOne>::up(db, None).await);
        assert!(failed.to_string().contains("already exists"), "{failed}");
        db.execute_unprepared("DROP TABLE cake").await.unwrap();
        CORRECTED.set(true);
        DsqlMigrator::<EditedOne>::up(db, None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn progress_names_the_migration_its_statements_and_the_job() {
    with_db(async |db| {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let listener = seen.clone();
        db.on_progress(move |progress| {
            listener.lock().unwrap().push(match progress {
                Progress::Work { name, .. } => (*name).to_owned(),
                Progress::Started { statement, .. } => (*statement).to_owned(),
                Progress::Waiting { .. } => "job".to_owned(),
                _ => return,
            });
        });
        DsqlMigrator::<Migrator>::up(db, Some(1)).await.unwrap();
        let seen = seen.lock().unwrap();
        let work = seen
            .iter()
            .position(|one| one == "up m20260101_cakes")
            .unwrap();
        let table = seen
            .iter()
            .position(|one| one.contains(r#"CREATE TABLE "cake""#));
        let index = seen.iter().position(|one| one.contains("INDEX ASYNC"));
        let job = seen.iter().position(|one| one == "job");
        assert!(
            Some(work) < table && table < index && index < job,
            "{seen:?}"
        );
    })
    .await;
}
