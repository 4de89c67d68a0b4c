//! More rows than a transaction may change.

use std::fmt;
use std::ops::Range;

use dsql_sqlx::{BatchReport, InBatches, RetryPolicy, sqlx};
use sea_orm::sea_query::{
    DeleteStatement, Expr, ExprTrait as _, IntoValueTuple as _, OnConflict, SimpleExpr,
    UpdateStatement, Value,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbBackend, DbErr, DeleteMany, EntityTrait, Insert,
    Iterable as _, PrimaryKeyToColumn as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _, Statement, UpdateMany,
};

use crate::Dsql;
use crate::connection::sqlx_query;
use crate::error::exec_err;

/// Why a work in batches has stopped. What was under way then was awaited, and
/// nothing new begun; what was committed stays.
///
/// It becomes a [`DbErr`] by `?`.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchError {
    /// What was written.
    pub report: BatchReport,
    /// The rows, or pages, of the batch that failed first, by position from 0.
    /// After [`ErrorClass::Ambiguous`](crate::ErrorClass::Ambiguous) they may
    /// have been written.
    pub items: Range<usize>,
    /// Why.
    pub source: DbErr,
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "batch of {} to {}: {}; {} rows were written before",
            self.items.start,
            self.items.end.saturating_sub(1),
            self.source,
            self.report.rows
        )
    }
}

impl std::error::Error for BatchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl From<BatchError> for DbErr {
    fn from(error: BatchError) -> Self {
        error.source
    }
}

impl From<dsql_sqlx::BatchError> for BatchError {
    fn from(error: dsql_sqlx::BatchError) -> Self {
        Self {
            report: error.report,
            items: error.items,
            source: exec_err(sqlx::Error::from(error.source)),
        }
    }
}

impl Dsql {
    /// Inserts models, any number of them, in transactions that the service
    /// takes: under 3,000 rows, 10 MiB and 65,535 parameters, several at once,
    /// each retried by itself. The whole is no transaction: when it fails, what
    /// was committed stays, and the error says what that is.
    ///
    /// ```no_run
    /// # mod pet {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "pet")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub name: String }
    /// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    /// #     pub enum Relation {}
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # async fn f(db: dsql_sea_orm::Dsql) -> Result<(), sea_orm::DbErr> {
    /// use sea_orm::ActiveValue::{NotSet, Set};
    ///
    /// let pets = (0..100_000).map(|n| pet::ActiveModel { id: NotSet, name: Set(format!("pet {n}")) });
    /// let report = db.insert_many_in_batches(pets).in_flight(8).run().await?;
    /// println!("{} rows in {} transactions", report.rows, report.batches);
    /// # Ok(()) }
    /// ```
    pub fn insert_many_in_batches<'d, A>(
        &'d self,
        models: impl IntoIterator<Item = A, IntoIter: Send + 'd>,
    ) -> InsertInBatches<'d, A>
    where
        A: ActiveModelTrait + Send + Sync + 'static,
    {
        let columns = <A::Entity as EntityTrait>::Column::iter().count();
        let batches = self.pool.in_batches(models).size_of(size_of);
        InsertInBatches {
            batches: batches.parameters(columns),
            on_conflict: None,
        }
    }

    /// Changes rows, any number of them, as `update` says: the table is walked
    /// page by page along its primary key, each page a transaction. A row that
    /// others insert meanwhile may be missed.
    ///
    /// ```no_run
    /// # mod pet {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "pet")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub name: String, pub is_old: bool }
    /// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    /// #     pub enum Relation {}
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # async fn f(db: dsql_sea_orm::Dsql) -> Result<(), sea_orm::DbErr> {
    /// use sea_orm::{entity::*, query::*, sea_query::Expr};
    ///
    /// let update = pet::Entity::update_many()
    ///     .col_expr(pet::Column::IsOld, Expr::value(true))
    ///     .filter(pet::Column::Id.lt(1_000_000));
    /// db.update_many_in_batches(update).run().await?;
    /// # Ok(()) }
    /// ```
    pub fn update_many_in_batches<E: EntityTrait>(
        &self,
        update: UpdateMany<E>,
    ) -> ChangeInBatches<'_, E> {
        ChangeInBatches::new(self, Change::Update(update.into_query()))
    }

    /// Deletes rows, any number of them, as
    /// [`update_many_in_batches`](Self::update_many_in_batches) changes them.
    /// Rows that go with them by ON DELETE CASCADE count toward the 3,000 of a
    /// transaction: take fewer [`rows`](ChangeInBatches::rows) then.
    pub fn delete_many_in_batches<E: EntityTrait>(
        &self,
        delete: DeleteMany<E>,
    ) -> ChangeInBatches<'_, E> {
        ChangeInBatches::new(self, Change::Delete(delete.into_query()))
    }
}

/// Models on their way to the cluster; see [`Dsql::insert_many_in_batches`].
///
/// Defaults: 1,000 rows and 4 MiB a transaction, fewer where 65,535 parameters
/// do not suffice, 4 transactions at once, the pool's retry policy.
#[derive(Debug)]
pub struct InsertInBatches<'d, A> {
    batches: InBatches<'d, A>,
    on_conflict: Option<OnConflict>,
}

impl<'d, A: ActiveModelTrait + Send + Sync + 'static> InsertInBatches<'d, A> {
    /// Rows a transaction, 1 to 3,000.
    #[must_use]
    pub fn rows(mut self, rows: usize) -> Self {
        self.batches = self.batches.rows(rows);
        self
    }

    /// Transactions at once, on as many connections of the pool.
    #[must_use]
    pub fn in_flight(mut self, transactions: usize) -> Self {
        self.batches = self.batches.in_flight(transactions);
        self
    }

    /// What becomes of rows whose keys are taken.
    #[must_use]
    pub fn on_conflict(mut self, on_conflict: OnConflict) -> Self {
        self.on_conflict = Some(on_conflict);
        self
    }

    /// How each batch is retried; see [`InBatches::retry`].
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.batches = self.batches.retry(policy);
        self
    }

    /// Calls `progress` after each batch with what was written so far.
    #[must_use]
    pub fn on_progress(mut self, progress: impl FnMut(&BatchReport) + Send + 'd) -> Self {
        self.batches = self.batches.on_progress(progress);
        self
    }

    /// Writes them.
    ///
    /// # Errors
    ///
    /// [`BatchError`].
    pub async fn run(self) -> Result<BatchReport, BatchError> {
        let on_conflict = self.on_conflict;
        let insert = move |models: &[A]| {
            let mut insert = Insert::many(models.iter().cloned());
            if let Some(on_conflict) = &on_conflict {
                insert = insert.on_conflict(on_conflict.clone());
            }
            insert.build(DbBackend::Postgres)
        };
        let run = self.batches.run(move |connection, models| {
            let statement = insert(models);
            Box::pin(async move {
                let done = sqlx_query(&statement).execute(connection).await?;
                Ok(done.rows_affected())
            })
        });
        Ok(run.await?)
    }
}

/// An UPDATE or DELETE on its way to the cluster; see
/// [`Dsql::update_many_in_batches`].
///
/// Defaults: pages of 1,000 rows, 4 transactions at once, the pool's retry
/// policy.
#[derive(Debug)]
pub struct ChangeInBatches<'d, E> {
    db: &'d Dsql,
    change: Change,
    rows: usize,
    in_flight: usize,
    policy: RetryPolicy,
    entity: std::marker::PhantomData<fn() -> E>,
}

#[derive(Debug, Clone)]
enum Change {
    Update(UpdateStatement),
    Delete(DeleteStatement),
}

/// The rows after one key, up to and with another.
#[derive(Debug, Clone, Default)]
struct Page {
    after: Option<Vec<Value>>,
    until: Option<Vec<Value>>,
}

impl<'d, E: EntityTrait> ChangeInBatches<'d, E> {
    fn new(db: &'d Dsql, change: Change) -> Self {
        Self {
            db,
            change,
            rows: 1000,
            in_flight: 4,
            policy: db.retry_policy().clone(),
            entity: std::marker::PhantomData,
        }
    }

    /// Rows a page, 1 to 3,000.
    #[must_use]
    pub fn rows(mut self, rows: usize) -> Self {
        self.rows = rows.clamp(1, dsql_sql::transaction::ROWS as usize);
        self
    }

    /// Transactions at once, on as many connections of the pool.
    #[must_use]
    pub fn in_flight(mut self, transactions: usize) -> Self {
        self.in_flight = transactions;
        self
    }

    /// How each page is retried. A page whose COMMIT has an unknown outcome is
    /// run again only where that does no harm and the policy says so: see
    /// [`RetryPolicy::idempotent`].
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Changes the rows.
    ///
    /// # Errors
    ///
    /// [`BatchError`], whose items are pages.
    pub async fn run(self) -> Result<BatchReport, BatchError> {
        let pages = self.pages().await.map_err(|source| BatchError {
            report: BatchReport::default(),
            items: 0..0,
            source,
        })?;
        let (db, change) = (self.db, self.change);
        let run = db
            .pool
            .in_batches(pages)
            .rows(1)
            .in_flight(self.in_flight)
            .retry(self.policy)
            .run(move |connection, pages| {
                let statement = pages.first().map(|page| change.on::<E>(page));
                Box::pin(async move {
                    let Some(statement) = statement else {
                        return Ok(0);
                    };
                    let done = sqlx_query(&statement).execute(connection).await?;
                    Ok(done.rows_affected())
                })
            });
        Ok(run.await?)
    }

    /// Finds the keys that part the pages.
    async fn pages(&self) -> Result<Vec<Page>, DbErr> {
        let mut pages = vec![Page::default()];
        loop {
            let after = pages.last().and_then(|page| page.after.clone());
            let mut keys = E::find().select_only();
            for key in E::PrimaryKey::iter() {
                let column = key.into_column();
                keys = keys.column(column).order_by_asc(column);
            }
            if let Some(after) = &after {
                keys = keys.filter(key::<E>().gt(values(after)));
            }
            let last = keys
                .offset(self.rows as u64 - 1)
                .into_tuple::<<E::PrimaryKey as sea_orm::PrimaryKeyTrait>::ValueType>()
                .one(self.db)
                .await?;
            let Some(last) = last else {
                return Ok(pages);
            };
            let until: Vec<Value> = last.into_value_tuple().into_iter().collect();
            if let Some(page) = pages.last_mut() {
                page.until = Some(until.clone());
            }
            pages.push(Page {
                after: Some(until),
                until: None,
            });
        }
    }
}

impl Change {
    fn on<E: EntityTrait>(&self, page: &Page) -> Statement {
        let bounds = [
            page.after
                .as_ref()
                .map(|after| key::<E>().gt(values(after))),
            page.until
                .as_ref()
                .map(|until| key::<E>().lte(values(until))),
        ];
        match self.clone() {
            Self::Update(mut update) => {
                for bound in bounds.into_iter().flatten() {
                    update.and_where(bound);
                }
                DbBackend::Postgres.build(&update)
            }
            Self::Delete(mut delete) => {
                for bound in bounds.into_iter().flatten() {
                    delete.and_where(bound);
                }
                DbBackend::Postgres.build(&delete)
            }
        }
    }
}

/// The columns of the primary key, as a row.
fn key<E: EntityTrait>() -> SimpleExpr {
    let columns = E::PrimaryKey::iter().map(|key| key.into_column().into_expr());
    Expr::tuple(columns)
}

fn values(values: &[Value]) -> SimpleExpr {
    Expr::tuple(values.iter().cloned().map(Expr::val))
}

/// About how many bytes a model comes to.
fn size_of<A: ActiveModelTrait>(model: &A) -> usize {
    let columns = <A::Entity as EntityTrait>::Column::iter();
    let sizes = columns.filter_map(|column| {
        Some(match model.get(column).into_value()? {
            Value::String(Some(text)) => text.len(),
            Value::Bytes(Some(bytes)) => bytes.len(),
            #[cfg(feature = "migration")]
            Value::Json(Some(json)) => json.to_string().len(),
            _ => 16,
        })
    });
    24 + sizes.sum::<usize>()
}
