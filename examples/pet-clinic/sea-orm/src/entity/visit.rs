use sea_orm::entity::{ActiveValue::Set, prelude::*};

/// Keyed by a random UUID, as suits a table that grows by the minute.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "clinic_visit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pet_id: i64,
    pub vet_id: Uuid,
    /// In cents.
    pub charge: i64,
    /// What was found: whatever the vet noted.
    #[sea_orm(column_type = "JsonBinary")]
    pub findings: Json,
    #[sea_orm(belongs_to, from = "pet_id", to = "id")]
    pub pet: BelongsTo<super::pet::Entity>,
    #[sea_orm(belongs_to, from = "vet_id", to = "id")]
    pub vet: BelongsTo<super::vet::Entity>,
}

#[async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C: ConnectionTrait>(mut self, _: &C, insert: bool) -> Result<Self, DbErr> {
        if insert && self.id.is_not_set() {
            self.id = Set(Uuid::new_v4());
        }
        Ok(self)
    }
}
