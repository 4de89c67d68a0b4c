//! Migrators written for PostgreSQL run unmodified.

use dsql_sea_orm::DsqlMigrator;
use sea_orm::ConnectionTrait as _;
use sea_orm_migration::{MigrationStatus, prelude::*, schema::*};

use crate::support::{error, number, with_db};

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
    with_db(async |db| {
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
        db.execute_unprepared("INSERT INTO cake (name) VALUES ('Carrot')")
            .await
            .unwrap();
        DsqlMigrator::<Migrator>::fresh(db).await.unwrap();
        assert_eq!(number(db, "SELECT count(*) FROM cake").await, 1);
    })
    .await;
}
