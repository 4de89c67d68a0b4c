//! Statements outside transactions, each of which is a transaction of its own.

use dsql_connect::{ErrorClass, RetryPolicy};
use dsql_sql::{Kind, split};
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres};

use crate::error::ErrorExt as _;
use crate::{DsqlPool, Error, Retries};

/// The attempts at one statement outside a transaction.
///
/// For adapters; applications hand their statements to `&DsqlPool` or to
/// [`DsqlPool::retrying`].
///
/// ```no_run
/// # use dsql_sqlx::{DsqlPool, StatementAttempts, sqlx};
/// # async fn f(pool: DsqlPool) -> Result<(), sqlx::Error> {
/// const SQL: &str = "UPDATE pet SET visits = visits + 1 WHERE id = 1";
///
/// let mut attempts = StatementAttempts::new(&pool, pool.retry_policy());
/// loop {
///     let mut connection = attempts.connection().await?;
///     match sqlx::query(SQL).execute(&mut *connection).await {
///         Ok(_) => return Ok(()),
///         Err(error) => attempts.again(connection, SQL, error).await?,
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct StatementAttempts<'p> {
    pool: &'p DsqlPool,
    retries: Retries<'p>,
    /// Of the attempt before, where the next one had better be made on it.
    connection: Option<PoolConnection<Postgres>>,
}

impl<'p> StatementAttempts<'p> {
    /// The time that the policy allows in total counts from here.
    pub fn new(pool: &'p DsqlPool, policy: &'p RetryPolicy) -> Self {
        Self {
            pool,
            retries: Retries::new(policy),
            connection: None,
        }
    }

    /// The connection for the next attempt. Where none can be made for now,
    /// that is tried again by itself, since nothing has been sent.
    pub async fn connection(&mut self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        loop {
            match self.pool.acquire().await {
                Err(error) if self.retries.again(error.class(), &error).await => {}
                acquired => return acquired,
            }
        }
    }

    /// After `sql` failed and nothing of its answer has reached the caller:
    /// sleeps as the policy says when the next attempt is to be made, or gives
    /// the error back. One that leaves open whether the statement was applied
    /// is an [`Error::Ambiguous`], unless all that it does is to read.
    pub async fn again(
        &mut self,
        connection: PoolConnection<Postgres>,
        sql: &str,
        error: sqlx::Error,
    ) -> Result<(), sqlx::Error> {
        let class = class(sql, &error);
        if class == ErrorClass::SchemaChanged {
            self.connection = settled(connection).await;
        }
        if is_one_transaction(sql) && self.retries.again(class, &error).await {
            return Ok(());
        }
        Err(match class {
            ErrorClass::Ambiguous => Error::Ambiguous { source: error }.into(),
            _ => error,
        })
    }

    /// The same when some of the answer has reached the caller, so that there
    /// is no other attempt.
    pub async fn give_up(
        connection: PoolConnection<Postgres>,
        sql: &str,
        error: sqlx::Error,
    ) -> sqlx::Error {
        match class(sql, &error) {
            ErrorClass::SchemaChanged => {
                settled(connection).await;
                error
            }
            ErrorClass::Ambiguous => Error::Ambiguous { source: error }.into(),
            _ => error,
        }
    }
}

/// After a change of schema: statements that the connection has cached would
/// fail again for ever. It is up to date now, while others of the pool may
/// have yet to learn of the change.
async fn settled(mut connection: PoolConnection<Postgres>) -> Option<PoolConnection<Postgres>> {
    use sqlx::Connection as _;
    let connected: &mut PgConnection = &mut connection;
    connected.clear_cached_statements().await.ok()?;
    Some(connection)
}

/// What is lost with the answer may have been committed, unless nothing was written.
fn class(sql: &str, error: &sqlx::Error) -> ErrorClass {
    match error.commit_class() {
        ErrorClass::Ambiguous if only_reads(sql) => ErrorClass::Unavailable,
        class => class,
    }
}

/// A script is a transaction as a whole unless it has some of its own, of
/// which the first may be committed when the second fails.
fn is_one_transaction(sql: &str) -> bool {
    split(sql).all(|statement| !matches!(statement.kind(), Kind::Transaction(_)))
}

/// Reads, and calls no function but well-known ones of PostgreSQL: others may
/// write. What is not recognised counts as writing.
fn only_reads(sql: &str) -> bool {
    let may_hide_a_name = sql.contains("--") || sql.contains("/*");
    !may_hide_a_name
        && split(sql).all(|statement| statement.kind() == Kind::Read)
        && (sql.match_indices('(')).all(|(at, _)| is_harmless(last_word(&sql[..at])))
}

/// The word or qualified name that a text ends with; empty where it ends with something else.
fn last_word(text: &str) -> &str {
    let text = text.trim_end();
    let is_other = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '"'));
    match text.char_indices().rfind(|(_, c)| is_other(*c)) {
        Some((at, c)) => &text[at + c.len_utf8()..],
        None => text,
    }
}

fn is_harmless(word: &str) -> bool {
    word.is_empty()
        || HARMLESS
            .split_whitespace()
            .any(|harmless| harmless.eq_ignore_ascii_case(word))
}

/// What stands before a bracket in reads: keywords, types, functions that
/// write nothing.
const HARMLESS: &str = "
    all and any as between by case cast distinct else except exists extract filter from group having ilike in \
    intersect is join lateral like limit not offset on or order over partition row select some then union using \
    values when where with within
    char character decimal numeric time timestamp timestamptz varchar
    abs avg bool_and bool_or ceil coalesce concat count current_setting date_trunc dense_rank first_value floor \
    gen_random_uuid generate_series greatest json_agg json_build_object jsonb_agg jsonb_build_object lag last_value \
    lead least left length lower max min mod now nullif position rank replace right round row_number string_agg \
    substr substring sum to_char to_date to_timestamp trim upper";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_is_told_from_what_may_write() {
        for sql in [
            "SELECT * FROM pet",
            "select count (*), max(visits) from pet where id in (1, 2) and (visits + 1) > 3",
            "WITH gone AS (SELECT id FROM pet) SELECT coalesce(max(id), 0)::numeric(9, 2) FROM gone",
            "VALUES (1), (2)",
        ] {
            assert!(only_reads(sql), "{sql}");
        }
        for sql in [
            "UPDATE pet SET visits = 0",
            "SELECT pay(1)",
            "SELECT clinic.count(1)",
            "SELECT \"count\"(1)",
            "SELECT pay/**/(1)",
            "SELECT pay -- count\n (1)",
            "SELECT 1; DELETE FROM pet",
            "WITH gone AS (DELETE FROM pet RETURNING id) SELECT count(*) FROM gone",
            "CALL sys.wait_for_job('a')",
        ] {
            assert!(!only_reads(sql), "{sql}");
        }
    }

    #[test]
    fn a_script_with_transactions_of_its_own_is_not_one() {
        assert!(is_one_transaction("UPDATE a SET n = 1; UPDATE b SET n = 1"));
        assert!(!is_one_transaction(
            "BEGIN; UPDATE a SET n = 1; COMMIT; UPDATE b SET n = 1"
        ));
    }
}
