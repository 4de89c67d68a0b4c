//! A bakery on PostgreSQL and on Aurora DSQL at once: one set of entities, one migrator, one program.

mod entities;
mod migrator;

use std::path::Path;

use dsql_local::LocalCluster;
use dsql_sea_orm::{Dsql, DsqlMigrator};
use dsql_sqlx::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use futures_util::TryStreamExt as _;
use sea_orm::prelude::Decimal;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, FromQueryResult, JoinType, LoaderTrait as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    SqlxPostgresConnector, StreamTrait, TransactionError, TransactionSession as _,
    TransactionTrait, entity::*,
};
use sea_orm_migration::MigratorTrait as _;
use serde_json::json;

use self::entities::{baker, bakery, cake, customer, lineitem, order};
use self::migrator::Migrator;

#[tokio::test]
async fn one_program_does_the_same_on_postgresql_and_on_aurora_dsql_at_once() {
    // A cluster of its own also where DSQL_URL is set: it is its PostgreSQL that is wanted.
    let cluster = LocalCluster::start().await.unwrap();
    let dsql = Dsql::connect_with(cluster.config()).await.unwrap();
    let postgres = postgres(&cluster).await;

    let (there, here) = tokio::join!(
        Migrator::up(&postgres, None),
        DsqlMigrator::<Migrator>::up(&dsql, None),
    );
    there.unwrap();
    here.unwrap();
    let (there, here) = tokio::join!(a_day(&postgres), a_day(&dsql));
    assert_eq!(there.unwrap(), here.unwrap());

    // What one of them has been asked for has not become the other's.
    let indexes = "SELECT count(*) AS n FROM pg_indexes \
                   WHERE indexname = 'cake_name' AND schemaname = current_schema()";
    assert_eq!(number(&postgres, indexes).await, 1);
    assert_eq!(number(&dsql, indexes).await, 1);
    let savepoint = postgres.begin().await.unwrap();
    let inner = savepoint.begin().await.unwrap();
    inner.rollback().await.unwrap();
    savepoint.commit().await.unwrap();

    let (there, here) = tokio::join!(
        Migrator::down(&postgres, None),
        DsqlMigrator::<Migrator>::down(&dsql, None),
    );
    there.unwrap();
    here.unwrap();
    cluster.shutdown().await;
}

#[tokio::test]
async fn the_schema_is_made_of_the_entities_and_kept_in_step_with_them() {
    crate::support::with_db(async |db| {
        let builder = || {
            db.get_schema_builder()
                .register(bakery::Entity)
                .register(baker::Entity)
                .register(cake::Entity)
                .register(entities::cakes_bakers::Entity)
                .register(customer::Entity)
                .register(order::Entity)
                .register(lineitem::Entity)
        };
        builder().sync(db).await.unwrap();
        a_day(db).await.unwrap();
        builder().sync(db).await.unwrap();
        db.execute_unprepared("ALTER TABLE customer DROP COLUMN notes")
            .await
            .unwrap();
        builder().sync(db).await.unwrap();
        let notes = "SELECT count(*) AS n FROM information_schema.columns \
                     WHERE table_schema = current_schema() AND table_name = 'customer' AND column_name = 'notes'";
        assert_eq!(number(db, notes).await, 1);
    })
    .await;
}

/// The PostgreSQL behind the cluster, past the cluster, in a schema that it
/// does not use.
async fn postgres(cluster: &LocalCluster) -> DatabaseConnection {
    let env = cluster.env();
    let certificate = env.iter().find(|(name, _)| *name == "DSQL_CA_CERT");
    let home = Path::new(&certificate.unwrap().1).parent().unwrap();
    let options = PgConnectOptions::new_without_pgpass()
        .socket(home.join("socket"))
        .username("dsql_local")
        .database("postgres")
        .options([("search_path", "straight")]);
    let pool = PgPoolOptions::new().connect_with(options).await.unwrap();
    let postgres = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
    postgres
        .execute_unprepared("CREATE SCHEMA straight")
        .await
        .unwrap();
    postgres
}

async fn number(db: &impl ConnectionTrait, sql: &str) -> i64 {
    let row = db.query_one_raw(crate::support::sql(sql)).await;
    row.unwrap().unwrap().try_get("", "n").unwrap()
}

/// What a day leaves behind, to be compared.
#[derive(Debug, PartialEq)]
struct Day {
    cakes_of_bakers: Vec<(String, Vec<String>)>,
    orders: Vec<(String, Decimal, Vec<i32>)>,
    pages: Vec<Vec<String>>,
    streamed: Vec<String>,
    best: Vec<Best>,
    contact: serde_json::Value,
    upserted: Vec<(String, Decimal)>,
    rolled_back: bool,
    left: u64,
}

#[derive(Debug, PartialEq, FromQueryResult)]
struct Best {
    name: String,
    sold: i64,
}

async fn a_day<C>(db: &C) -> Result<Day, DbErr>
where
    C: ConnectionTrait + TransactionTrait + StreamTrait,
{
    open(db).await?;
    sell(db).await?;

    let bakers = baker::Entity::find()
        .order_by_asc(baker::Column::Name)
        .all(db)
        .await?;
    let cakes = bakers
        .load_many_to_many(cake::Entity, entities::cakes_bakers::Entity, db)
        .await?;
    let contact = bakers[0].contact.clone();
    let cakes_of_bakers = bakers.into_iter().zip(cakes).map(|(baker, cakes)| {
        let mut cakes: Vec<_> = cakes.into_iter().map(|cake| cake.name).collect();
        cakes.sort();
        (baker.name, cakes)
    });
    let cakes_of_bakers = cakes_of_bakers.collect();

    let mut orders = Vec::new();
    let found = order::Entity::find()
        .find_also_related(customer::Entity)
        .order_by_asc(order::Column::Total)
        .all(db)
        .await?;
    for (order, customer) in found {
        let mut lines = order.find_related(lineitem::Entity).all(db).await?;
        lines.sort_by_key(|line| line.quantity);
        let quantities = lines.iter().map(|line| line.quantity).collect();
        orders.push((customer.unwrap().name, order.total, quantities));
    }

    let mut pages = Vec::new();
    let mut paginator = cake::Entity::find()
        .order_by_asc(cake::Column::Name)
        .paginate(db, 2);
    while let Some(cakes) = paginator.fetch_and_next().await? {
        pages.push(cakes.into_iter().map(|cake| cake.name).collect());
    }
    let streamed = cake::Entity::find()
        .filter(cake::Column::GlutenFree.eq(true))
        .order_by_desc(cake::Column::Name)
        .stream(db)
        .await?
        .map_ok(|cake| cake.name)
        .try_collect()
        .await?;
    let best = cake::Entity::find()
        .select_only()
        .column(cake::Column::Name)
        .column_as(lineitem::Column::Quantity.sum(), "sold")
        .join(JoinType::InnerJoin, cake::Relation::Lineitem.def())
        .group_by(cake::Column::Name)
        .order_by_desc(Expr::cust("sold"))
        .order_by_asc(cake::Column::Name)
        .into_model::<Best>()
        .all(db)
        .await?;

    let upserted = upsert(db).await?;
    let rolled_back = roll_back(db).await?;
    let deleted = lineitem::Entity::delete_many()
        .filter(lineitem::Column::Quantity.gt(1))
        .exec(db)
        .await?;
    assert_eq!(deleted.rows_affected, 2);
    Ok(Day {
        cakes_of_bakers,
        orders,
        pages,
        streamed,
        best,
        contact,
        upserted,
        rolled_back,
        left: lineitem::Entity::find().count(db).await?,
    })
}

/// A bakery, its bakers and what they bake.
async fn open<C: ConnectionTrait + TransactionTrait>(db: &C) -> Result<(), DbErr> {
    let bakery = bakery::ActiveModel {
        name: Set("SeaSide".into()),
        margin: Set(10.4),
        ..Default::default()
    };
    let bakery = bakery.insert(db).await?;
    let mut bakers = Vec::new();
    for name in ["Ada", "Grace"] {
        let baker = baker::ActiveModel {
            name: Set(name.into()),
            contact: Set(json!({ "mobile": "+61424000000", "home": name })),
            bakery_id: Set(Some(bakery.id)),
            ..Default::default()
        };
        bakers.push(baker.insert(db).await?);
    }
    let cakes = ["Lemon", "Mud", "Plum", "Rum", "Sponge"];
    for (n, name) in cakes.into_iter().enumerate() {
        let cake = cake::ActiveModel {
            name: Set(name.into()),
            price: Set(Decimal::new(1050 + 100 * n as i64, 2)),
            bakery_id: Set(Some(bakery.id)),
            gluten_free: Set(n % 2 == 0),
            kind: Set(if n == 3 {
                cake::Kind::Strong
            } else {
                cake::Kind::Mild
            }),
            ..Default::default()
        };
        let cake = cake.insert(db).await?;
        let bakes = entities::cakes_bakers::ActiveModel {
            cake_id: Set(cake.id),
            baker_id: Set(bakers[n % 2].id),
        };
        bakes.insert(db).await?;
    }
    let strong = cake::Entity::find()
        .filter(cake::Column::Kind.eq(cake::Kind::Strong))
        .all(db)
        .await?;
    assert_eq!(strong.len(), 1);
    Ok(())
}

/// Two orders, in a transaction of all their lines.
async fn sell<C: ConnectionTrait + TransactionTrait>(db: &C) -> Result<(), DbErr> {
    for (name, wants) in [("Kate", &[1, 2][..]), ("Sam", &[3])] {
        let tx = db.begin().await?;
        let customer = customer::ActiveModel {
            name: Set(name.into()),
            ..Default::default()
        };
        let customer = customer.insert(&tx).await?;
        let cakes = cake::Entity::find()
            .order_by_asc(cake::Column::Name)
            .all(&tx)
            .await?;
        let total = wants
            .iter()
            .zip(&cakes)
            .map(|(quantity, cake)| cake.price * Decimal::from(*quantity));
        let order = order::ActiveModel {
            total: Set(total.sum()),
            customer_id: Set(customer.id),
            ..Default::default()
        };
        let order = order.insert(&tx).await?;
        let lines = wants
            .iter()
            .zip(&cakes)
            .map(|(quantity, cake)| lineitem::ActiveModel {
                price: Set(cake.price),
                quantity: Set(*quantity),
                order_id: Set(order.id),
                cake_id: Set(cake.id),
                ..Default::default()
            });
        lineitem::Entity::insert_many(lines).exec(&tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn upsert(db: &impl ConnectionTrait) -> Result<Vec<(String, Decimal)>, DbErr> {
    let cakes = ["Mud", "Carrot"].map(|name| cake::ActiveModel {
        name: Set(name.into()),
        price: Set(Decimal::new(999, 2)),
        gluten_free: Set(false),
        kind: Set(cake::Kind::Mild),
        bakery_id: Set(None),
        ..Default::default()
    });
    let price = OnConflict::column(cake::Column::Name)
        .update_column(cake::Column::Price)
        .to_owned();
    cake::Entity::insert_many(cakes)
        .on_conflict(price)
        .exec_without_returning(db)
        .await?;
    cake::Entity::update_many()
        .col_expr(
            cake::Column::Price,
            Expr::col(cake::Column::Price).add(Decimal::new(1, 2)),
        )
        .filter(cake::Column::Price.eq(Decimal::new(999, 2)))
        .exec(db)
        .await?;
    let cakes = cake::Entity::find()
        .filter(cake::Column::Price.eq(Decimal::new(1000, 2)))
        .order_by_asc(cake::Column::Name)
        .all(db)
        .await?;
    Ok(cakes
        .into_iter()
        .map(|cake| (cake.name, cake.price))
        .collect())
}

async fn roll_back<C: ConnectionTrait + TransactionTrait>(db: &C) -> Result<bool, DbErr> {
    let before = customer::Entity::find().count(db).await?;
    let done = db
        .transaction::<_, (), DbErr>(|tx| {
            Box::pin(async move {
                let customer = customer::ActiveModel {
                    name: Set("Nobody".into()),
                    ..Default::default()
                };
                customer.insert(tx).await?;
                Err(DbErr::Custom("changed my mind".into()))
            })
        })
        .await;
    assert!(matches!(done, Err(TransactionError::Transaction(_))));
    Ok(customer::Entity::find().count(db).await? == before)
}
