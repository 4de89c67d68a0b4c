//! Rows that are there, or made.

use sea_orm::{ActiveModelBehavior, ActiveModelTrait, DbErr, EntityTrait, IntoActiveModel, Select};

use crate::{Dsql, DsqlTransaction, ErrorExt as _};

impl Dsql {
    /// The row that `find` finds, or else the one that is inserted; and whether
    /// it was. Of several that do this at once, one inserts, provided that a
    /// unique index or key covers what `find` asks for.
    ///
    /// # Errors
    ///
    /// Those of [`transact`](Self::transact), and of SeaORM's `one` and `insert`.
    ///
    /// ```no_run
    /// # mod owner {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "owner")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, #[sea_orm(unique)] pub email: String }
    /// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    /// #     pub enum Relation {}
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # async fn f(db: dsql_sea_orm::Dsql) -> Result<(), sea_orm::DbErr> {
    /// use sea_orm::{entity::*, query::*};
    ///
    /// let email = "ada@example.com";
    /// let (ada, created) = db
    ///     .get_or_create(
    ///         owner::Entity::find().filter(owner::Column::Email.eq(email)),
    ///         owner::ActiveModel { email: Set(email.into()), ..Default::default() },
    ///     )
    ///     .await?;
    /// println!("{} {created}", ada.id);
    /// # Ok(()) }
    /// ```
    pub async fn get_or_create<E, A>(
        &self,
        find: Select<E>,
        create: A,
    ) -> Result<(E::Model, bool), DbErr>
    where
        E: EntityTrait,
        E::Model: IntoActiveModel<A> + Sync,
        A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send + Sync + 'static,
    {
        self.find_or_else(find, move |found| match found {
            Some(found) => Wanted::Found(found),
            None => Wanted::Insert(create.clone()),
        })
        .await
    }

    /// Updates the row that `find` finds, or else inserts one; answers the row
    /// as it is then, and whether it was inserted. `change` is given what was
    /// found and answers what to save; it may be called more than once.
    ///
    /// # Errors
    ///
    /// Those of [`get_or_create`](Self::get_or_create), and of SeaORM's `update`.
    ///
    /// ```no_run
    /// # mod owner {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "owner")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, #[sea_orm(unique)] pub email: String, pub visits: i64 }
    /// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    /// #     pub enum Relation {}
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # async fn f(db: dsql_sea_orm::Dsql) -> Result<(), sea_orm::DbErr> {
    /// use sea_orm::{entity::*, query::*};
    ///
    /// let email = "ada@example.com";
    /// let find = owner::Entity::find().filter(owner::Column::Email.eq(email));
    /// let (ada, created) = db
    ///     .update_or_create(find, move |found: Option<owner::Model>| match found {
    ///         Some(ada) => owner::ActiveModel { visits: Set(ada.visits + 1), ..ada.into() },
    ///         None => owner::ActiveModel { email: Set(email.into()), visits: Set(1), ..Default::default() },
    ///     })
    ///     .await?;
    /// println!("{} {created}", ada.visits);
    /// # Ok(()) }
    /// ```
    pub async fn update_or_create<E, A>(
        &self,
        find: Select<E>,
        change: impl Fn(Option<E::Model>) -> A + Send + Sync + 'static,
    ) -> Result<(E::Model, bool), DbErr>
    where
        E: EntityTrait,
        E::Model: IntoActiveModel<A> + Sync,
        A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send + Sync + 'static,
    {
        self.find_or_else(find, move |found| match found {
            Some(found) => Wanted::Update(change(Some(found))),
            None => Wanted::Insert(change(None)),
        })
        .await
    }

    async fn find_or_else<E, A>(
        &self,
        find: Select<E>,
        want: impl Fn(Option<E::Model>) -> Wanted<E::Model, A> + Send + Sync + 'static,
    ) -> Result<(E::Model, bool), DbErr>
    where
        E: EntityTrait,
        E::Model: IntoActiveModel<A> + Sync,
        A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send + Sync + 'static,
    {
        let want = std::sync::Arc::new(want);
        let mut is_again = false;
        loop {
            let done = self.transact(|tx| {
                let (find, want) = (find.clone(), want.clone());
                Box::pin(async move { save(tx, find, &*want).await })
            });
            match done.await {
                // Another was first: this snapshot did not see its row, the
                // next one will. The second time it is a key that `find` does
                // not ask for.
                Err(error) if is_duplicate(&error) && !is_again => is_again = true,
                done => return done,
            }
        }
    }
}

enum Wanted<M, A> {
    Found(M),
    Insert(A),
    Update(A),
}

async fn save<E, A>(
    tx: &DsqlTransaction,
    find: Select<E>,
    want: &(impl Fn(Option<E::Model>) -> Wanted<E::Model, A> + Sync),
) -> Result<(E::Model, bool), DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A> + Sync,
    A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
{
    match want(find.one(tx).await?) {
        Wanted::Found(found) => Ok((found, false)),
        Wanted::Insert(model) => Ok((model.insert(tx).await?, true)),
        Wanted::Update(model) => Ok((model.update(tx).await?, false)),
    }
}

fn is_duplicate(error: &DbErr) -> bool {
    error.sqlstate().as_deref() == Some("23505")
}
