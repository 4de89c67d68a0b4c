//! The status page: what goes on in a cluster, for a person with a browser and for programs that read JSON.
//!
//! Sessions write [cards](card), and what happens to them is entered on the [board](board); both are there only where a
//! page was asked for, so that a cluster without one spends nothing. What else the page shows is asked when it is asked.

mod board;
mod card;
mod http;
mod report;
mod text;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use self::board::Board;
pub(crate) use self::card::{Card, Met};
pub(crate) use self::http::serve;
pub(crate) use self::text::excerpt;

/// A table with its schema, and what of its rows to select to see their primary keys; of `pg_class` as `c`.
pub(crate) const TABLE_AND_KEY: &str = "pg_catalog.format('%I.%I', c.relnamespace::pg_catalog.regnamespace, c.relname), \
     (SELECT 'pg_catalog.concat_ws('', '', ' || pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' \
      ORDER BY pg_catalog.array_position(i.indkey::pg_catalog.int2[], a.attnum)) || ')' \
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) \
      WHERE i.indrelid = c.oid AND i.indisprimary)";

/// A lock that somebody panicked under still guards plain data.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
