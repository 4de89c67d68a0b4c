//! The schema, by an ordinary migrator written as for PostgreSQL.
#![allow(
    elided_lifetimes_in_paths,
    reason = "the signature of MigrationTrait demands it"
)]

use sea_orm_migration::{prelude::*, schema::*};

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(People), Box::new(Animals)]
    }

    /// The clinic may share a database with others.
    fn migration_table_name() -> DynIden {
        "clinic_migrations".into_iden()
    }
}

struct People;

impl MigrationName for People {
    fn name(&self) -> &str {
        "m20260101_000001_people"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for People {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("clinic_owner")
                    .if_not_exists()
                    .col(big_pk_auto("id"))
                    .col(string("name"))
                    .col(string_uniq("email"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("clinic_vet")
                    .if_not_exists()
                    .col(pk_uuid("id"))
                    .col(string("name"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("clinic_specialty")
                    .if_not_exists()
                    .col(big_pk_auto("id"))
                    .col(string("name"))
                    .col(big_integer("rate"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("clinic_specialty_name")
                    .table("clinic_specialty")
                    .col("name")
                    .unique()
                    .if_not_exists()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("clinic_vet_specialty")
                    .if_not_exists()
                    .col(uuid("vet_id"))
                    .col(big_integer("specialty_id"))
                    .primary_key(Index::create().col("vet_id").col("specialty_id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("clinic_vet_specialty", "vet_id")
                            .to("clinic_vet", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("clinic_vet_specialty", "specialty_id")
                            .to("clinic_specialty", "id"),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "clinic_vet_specialty",
            "clinic_specialty",
            "clinic_vet",
            "clinic_owner",
        ] {
            manager
                .drop_table(Table::drop().table(table).if_exists().to_owned())
                .await?;
        }
        Ok(())
    }
}

struct Animals;

impl MigrationName for Animals {
    fn name(&self) -> &str {
        "m20260102_000001_animals"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Animals {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("clinic_pet")
                    .if_not_exists()
                    .col(big_pk_auto("id"))
                    .col(big_integer("owner_id"))
                    .col(string("name"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("clinic_pet", "owner_id")
                            .to("clinic_owner", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        // An afterthought, as they come: a column with a default and NOT NULL.
        manager
            .alter_table(
                Table::alter()
                    .table("clinic_pet")
                    .add_column_if_not_exists(string("species").default("dog"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("clinic_pet_name")
                    .table("clinic_pet")
                    .col(("name", IndexOrder::Desc))
                    .if_not_exists()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("clinic_visit")
                    .if_not_exists()
                    .col(pk_uuid("id"))
                    .col(big_integer("pet_id"))
                    .col(uuid("vet_id"))
                    .col(big_integer("charge"))
                    .col(json_binary("findings"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("clinic_visit", "pet_id")
                            .to("clinic_pet", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("clinic_visit", "vet_id")
                            .to("clinic_vet", "id"),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["clinic_visit", "clinic_pet"] {
            manager
                .drop_table(Table::drop().table(table).if_exists().to_owned())
                .await?;
        }
        Ok(())
    }
}
