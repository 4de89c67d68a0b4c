use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "clinic_vet_specialty")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub vet_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub specialty_id: i64,
    #[sea_orm(belongs_to, from = "vet_id", to = "id")]
    pub vet: BelongsTo<super::vet::Entity>,
    #[sea_orm(belongs_to, from = "specialty_id", to = "id")]
    pub specialty: BelongsTo<super::specialty::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
