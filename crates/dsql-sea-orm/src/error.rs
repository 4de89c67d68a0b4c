//! Errors, in SeaORM's own type.

use std::borrow::Cow;
use std::sync::Arc;

use dsql_sqlx::{ErrorClass, ErrorExt as _, sqlx};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

/// How Aurora DSQL sees an error of SeaORM.
///
/// ```
/// use dsql_sea_orm::{ErrorClass, ErrorExt};
///
/// # async fn f(db: dsql_sea_orm::Dsql) -> Result<(), sea_orm::DbErr> {
/// # use sea_orm::TransactionTrait;
/// let tx = db.begin().await?;
/// if let Err(error) = tx.commit().await
///     && error.class() == ErrorClass::Conflict
/// {
///     println!("another transaction was first: {:?}", error.sqlstate());
/// }
/// # Ok(()) }
/// ```
pub trait ErrorExt {
    /// The class of the error.
    fn class(&self) -> ErrorClass;

    /// The SQLSTATE, where the server gave one.
    fn sqlstate(&self) -> Option<Cow<'_, str>>;
}

impl ErrorExt for DbErr {
    fn class(&self) -> ErrorClass {
        cause(self).map_or(ErrorClass::Other, |error| error.class())
    }

    fn sqlstate(&self) -> Option<Cow<'_, str>> {
        cause(self)?.sqlstate()
    }
}

fn cause(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

pub(crate) fn exec_err(error: impl Into<Arc<sqlx::Error>>) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

pub(crate) fn query_err(error: impl Into<Arc<sqlx::Error>>) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

pub(crate) fn conn_err(error: impl Into<Arc<sqlx::Error>>) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

pub(crate) fn acquire_err(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => conn_err(error),
    }
}

/// Of a connection that could not be made. The text alone: what SQLx would put
/// around it adds nothing.
pub(crate) fn connect_err(error: dsql_sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(error.to_string()))
}

/// Of COMMIT. SeaORM reports these as `DbErr::Query`.
pub(crate) fn commit_err(error: dsql_sqlx::Error) -> DbErr {
    query_err(sqlx::Error::from(error))
}

/// Something that this crate refuses by itself, or that a plan came to.
pub(crate) fn refused(message: impl Into<String>) -> DbErr {
    DbErr::Exec(RuntimeErr::Internal(message.into()))
}
