//! A point select through dsql-sea-orm, and through plain SeaORM on the same server.

use anyhow::{Context, Result, ensure};
use dsql_sea_orm::Dsql;
use sea_orm::SqlxPostgresConnector;
use sea_orm::entity::prelude::*;
use sqlx::postgres::PgPoolOptions;

use crate::cluster::Cluster;
use crate::measure::{Effort, compare, rate};
use crate::table::Row;

mod pet {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bench_pet")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub name: String,
        pub visits: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

const PETS: i64 = 1000;

pub async fn measure(cluster: &Cluster, effort: Effort) -> Result<Row> {
    let ours = Dsql::connect_with(cluster.config()?).await?;
    // Ours asks no connection whether it is alive before each use. With that question plain SeaORM would lose a round
    // trip a select, and the ratio would say nothing of the rest.
    let pool = PgPoolOptions::new()
        .test_before_acquire(false)
        .connect_with(cluster.options()?)
        .await?;
    let theirs = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
    theirs
        .execute_unprepared("CREATE TABLE bench_pet (id bigint PRIMARY KEY, name text NOT NULL, visits bigint NOT NULL)")
        .await?;
    theirs
        .execute_unprepared(&format!(
            "INSERT INTO bench_pet SELECT n, 'pet ' || n, n % 7 FROM generate_series(1, {PETS}) n"
        ))
        .await?;
    let measured = compare(
        effort,
        async || rate(effort.round(), async || select(&ours).await).await,
        async || rate(effort.round(), async || select(&theirs).await).await,
    )
    .await?;
    Ok(Row::ratio(
        "point select: dsql-sea-orm / plain SeaORM",
        "/s",
        measured,
        0.97,
    ))
}

async fn select(db: &impl ConnectionTrait) -> Result<()> {
    let id = fastrand::i64(1..=PETS);
    let pet = pet::Entity::find_by_id(id)
        .one(db)
        .await?
        .context("a pet that was put in")?;
    ensure!(pet.id == id);
    Ok(())
}
