//! A migrator written for PostgreSQL.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Bakery), Box::new(Orders), Box::new(Names)]
    }
}

struct Bakery;

impl MigrationName for Bakery {
    fn name(&self) -> &str {
        "m20260101_bakery"
    }
}

fn reference(
    table: &'static str,
    column: &'static str,
    to: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_{column}_fkey"))
        .from(table, column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

#[allow(elided_lifetimes_in_paths)]
#[async_trait::async_trait]
impl MigrationTrait for Bakery {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bakery = Table::create()
            .table("bakery")
            .col(big_pk_auto("id"))
            .col(string("name"))
            .col(double("margin"))
            .to_owned();
        let baker = Table::create()
            .table("baker")
            .col(big_pk_auto("id"))
            .col(string("name"))
            .col(json_binary("contact"))
            .col(big_integer_null("bakery_id"))
            .foreign_key(&mut reference("baker", "bakery_id", "bakery"))
            .to_owned();
        let cake = Table::create()
            .table("cake")
            .col(big_pk_auto("id"))
            .col(string("name"))
            .col(decimal_len("price", 16, 4))
            .col(big_integer_null("bakery_id"))
            .col(boolean("gluten_free"))
            .to_owned();
        let cakes_bakers = Table::create()
            .table("cakes_bakers")
            .col(big_integer("cake_id"))
            .col(big_integer("baker_id"))
            .primary_key(Index::create().col("cake_id").col("baker_id"))
            .to_owned();
        for table in [bakery, baker, cake, cakes_bakers] {
            manager.create_table(table).await?;
        }
        for key in [
            reference("cake", "bakery_id", "bakery"),
            reference("cakes_bakers", "cake_id", "cake"),
            reference("cakes_bakers", "baker_id", "baker"),
        ] {
            manager.create_foreign_key(key).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["cakes_bakers", "cake", "baker", "bakery"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

struct Orders;

impl MigrationName for Orders {
    fn name(&self) -> &str {
        "m20260102_orders"
    }
}

#[allow(elided_lifetimes_in_paths)]
#[async_trait::async_trait]
impl MigrationTrait for Orders {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let customer = Table::create()
            .table("customer")
            .col(big_pk_auto("id"))
            .col(string("name"))
            .col(text_null("notes"))
            .to_owned();
        let order = Table::create()
            .table("order")
            .col(big_pk_auto("id"))
            .col(decimal_len("total", 16, 4))
            .col(big_integer("customer_id"))
            .foreign_key(&mut reference("order", "customer_id", "customer"))
            .to_owned();
        let lineitem = Table::create()
            .table("lineitem")
            .col(big_pk_auto("id"))
            .col(decimal_len("price", 16, 4))
            .col(integer("quantity"))
            .col(big_integer("order_id"))
            .col(big_integer("cake_id"))
            .foreign_key(&mut reference("lineitem", "order_id", "order"))
            .foreign_key(&mut reference("lineitem", "cake_id", "cake"))
            .to_owned();
        for table in [customer, order, lineitem] {
            manager.create_table(table).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["lineitem", "order", "customer"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

struct Names;

impl MigrationName for Names {
    fn name(&self) -> &str {
        "m20260103_names"
    }
}

#[allow(elided_lifetimes_in_paths)]
#[async_trait::async_trait]
impl MigrationTrait for Names {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let name = Index::create()
            .name("cake_name")
            .table("cake")
            .col("name")
            .unique()
            .to_owned();
        manager.create_index(name).await?;
        let kind = Table::alter()
            .table("cake")
            .add_column(string_len("kind", 8).default("mild"))
            .to_owned();
        manager.alter_table(kind).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let kind = Table::alter().table("cake").drop_column("kind").to_owned();
        manager.alter_table(kind).await?;
        manager
            .drop_index(Index::drop().name("cake_name").to_owned())
            .await
    }
}
