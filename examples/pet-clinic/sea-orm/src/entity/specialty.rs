use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "clinic_specialty")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub name: String,
    /// In cents an hour.
    pub rate: i64,
    #[sea_orm(has_many, via = "vet_specialty")]
    pub vets: HasMany<super::vet::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
