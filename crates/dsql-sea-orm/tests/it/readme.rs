//! What the crate's first program and README's do, run.

use dsql_sea_orm::{Dsql, DsqlMigrator};
use sea_orm::{DbErr, entity::*};
use sea_orm_migration::prelude::*;

use crate::entity::author;
use crate::support::with_db;

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}

#[allow(
    dead_code,
    reason = "README names DSQL_URL; the test below brings its own connection"
)]
async fn connect() -> Result<Dsql, DbErr> {
    Dsql::from_env().await
}

async fn application(db: Dsql) -> Result<author::Model, DbErr> {
    DsqlMigrator::<Migrator>::up(&db, None).await?;

    let ada = author::ActiveModel {
        name: Set("Ada".into()),
        ..Default::default()
    };
    let ada = ada.insert(&db).await?;

    db.transact_async(async |tx| {
        let mut ada = author::Entity::find_by_id(ada.id)
            .one(tx)
            .await?
            .unwrap()
            .into_active_model();
        ada.name = Set("Ada Lovelace".into());
        ada.update(tx).await
    })
    .await
}

#[tokio::test]
async fn the_lines_of_the_readme_run() {
    with_db(async |db| {
        crate::support::create(db, author::Entity).await;
        assert_eq!(application(db.clone()).await.unwrap().name, "Ada Lovelace");
    })
    .await;
}
