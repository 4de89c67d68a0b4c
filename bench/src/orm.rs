//! dsql-sea-orm and dsql-sqlx, held against plain SeaORM and plain SQLx on the same server.

use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context, Result, ensure};
use dsql_sea_orm::Dsql;
use dsql_sqlx::DsqlPool;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _, SqlxPostgresConnector, TransactionTrait as _};
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgExecutor, PgPool};

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
/// What is promised of each row.
const TARGET: f64 = 0.98;

/// The key of the next row that is inserted.
static NEXT: AtomicI64 = AtomicI64::new(PETS + 1);

pub async fn measure(cluster: &Cluster, effort: Effort) -> Result<Vec<Row>> {
    let ours = Dsql::connect_with(cluster.config()?).await?;
    // Ours asks no connection whether it is alive before each use. With that question the plain ones would lose a round
    // trip a statement, and the ratio would say nothing of the rest.
    let pool = PgPoolOptions::new()
        .test_before_acquire(false)
        .connect_with(cluster.options()?)
        .await?;
    let theirs = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
    theirs
        .execute_unprepared("CREATE TABLE bench_pet (id bigint PRIMARY KEY, name text NOT NULL, visits bigint NOT NULL)")
        .await?;
    theirs
        .execute_unprepared(&format!(
            "INSERT INTO bench_pet SELECT n, 'pet ' || n, n % 7 FROM generate_series(1, {PETS}) n"
        ))
        .await?;
    // It was not told of the table.
    ours.pool().schema_changed();
    let mut rows = sea_orm_rows(&ours, &theirs, effort).await?;
    rows.extend(sqlx_rows(ours.pool(), &pool, effort).await?);
    Ok(rows)
}

/// One row of the table: `$work` on our side and on theirs, in turn.
macro_rules! row {
    ($effort:expr, $what:literal, $ours:expr, $theirs:expr) => {{
        let measured = compare(
            $effort,
            async || rate($effort.round(), async || $ours.await).await,
            async || rate($effort.round(), async || $theirs.await).await,
        );
        Row::ratio($what, "/s", measured.await?, TARGET)
    }};
}

async fn sea_orm_rows(
    ours: &Dsql,
    theirs: &sea_orm::DatabaseConnection,
    effort: Effort,
) -> Result<Vec<Row>> {
    Ok(vec![
        row!(
            effort,
            "dsql-sea-orm / SeaORM: point select",
            select(ours),
            select(theirs)
        ),
        row!(
            effort,
            "dsql-sea-orm / SeaORM: insert",
            insert(ours),
            insert(theirs)
        ),
        row!(
            effort,
            "dsql-sea-orm / SeaORM: 100-row select",
            hundred(ours),
            hundred(theirs)
        ),
        row!(
            effort,
            "dsql-sea-orm / SeaORM: transaction of 5 statements",
            async {
                ours.transact_async(async |tx| five(tx).await).await?;
                anyhow::Ok(())
            },
            async {
                let tx = theirs.begin().await?;
                five(&tx).await?;
                tx.commit().await?;
                anyhow::Ok(())
            }
        ),
    ])
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

async fn insert(db: &impl ConnectionTrait) -> Result<()> {
    let pet = pet::ActiveModel {
        id: Set(NEXT.fetch_add(1, Ordering::Relaxed)),
        name: Set("Rex".into()),
        visits: Set(0),
    };
    pet.insert(db).await?;
    Ok(())
}

async fn hundred(db: &impl ConnectionTrait) -> Result<()> {
    let pets = pet::Entity::find()
        .filter(pet::Column::Id.gt(fastrand::i64(0..PETS - 100)))
        .order_by_asc(pet::Column::Id)
        .limit(100)
        .all(db)
        .await?;
    ensure!(pets.len() == 100);
    Ok(())
}

async fn five(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let id = fastrand::i64(1..=PETS);
    for _ in 0..4 {
        pet::Entity::find_by_id(id).one(db).await?;
    }
    pet::Entity::update_many()
        .col_expr(pet::Column::Visits, Expr::value(3))
        .filter(pet::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

async fn sqlx_rows(ours: &DsqlPool, theirs: &PgPool, effort: Effort) -> Result<Vec<Row>> {
    Ok(vec![
        row!(
            effort,
            "dsql-sqlx / SQLx: point select",
            sqlx_select(ours),
            sqlx_select(theirs)
        ),
        row!(
            effort,
            "dsql-sqlx / SQLx: insert",
            sqlx_insert(ours),
            sqlx_insert(theirs)
        ),
        row!(
            effort,
            "dsql-sqlx / SQLx: 100-row select",
            sqlx_hundred(ours),
            sqlx_hundred(theirs)
        ),
        row!(
            effort,
            "dsql-sqlx / SQLx: transaction of 5 statements",
            async {
                ours.transact_async(async |tx| sqlx_five(tx).await).await?;
                anyhow::Ok(())
            },
            async {
                let mut tx = theirs.begin().await?;
                sqlx_five(&mut tx).await?;
                tx.commit().await?;
                anyhow::Ok(())
            }
        ),
    ])
}

const ONE: &str = "SELECT name FROM bench_pet WHERE id = $1";

async fn sqlx_select<'p>(pool: impl PgExecutor<'p>) -> Result<()> {
    let name: String = sqlx::query_scalar(ONE)
        .bind(fastrand::i64(1..=PETS))
        .fetch_one(pool)
        .await?;
    ensure!(name.starts_with("pet"));
    Ok(())
}

async fn sqlx_insert<'p>(pool: impl PgExecutor<'p>) -> Result<()> {
    sqlx::query("INSERT INTO bench_pet (id, name, visits) VALUES ($1, $2, $3)")
        .bind(NEXT.fetch_add(1, Ordering::Relaxed))
        .bind("Rex")
        .bind(0_i64)
        .execute(pool)
        .await?;
    Ok(())
}

async fn sqlx_hundred<'p>(pool: impl PgExecutor<'p>) -> Result<()> {
    let pets: Vec<(i64, String, i64)> = sqlx::query_as(
        "SELECT id, name, visits FROM bench_pet WHERE id > $1 ORDER BY id LIMIT 100",
    )
    .bind(fastrand::i64(0..PETS - 100))
    .fetch_all(pool)
    .await?;
    ensure!(pets.len() == 100);
    Ok(())
}

async fn sqlx_five(connection: &mut sqlx::PgConnection) -> Result<(), sqlx::Error> {
    let id = fastrand::i64(1..=PETS);
    for _ in 0..4 {
        let one = sqlx::query(ONE).bind(id);
        one.fetch_one(&mut *connection).await?;
    }
    let update = sqlx::query("UPDATE bench_pet SET visits = 3 WHERE id = $1").bind(id);
    update.execute(connection).await?;
    Ok(())
}
