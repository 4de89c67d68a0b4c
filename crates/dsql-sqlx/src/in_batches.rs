//! Work over more items than a transaction may change, cut into transactions.

use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use dsql_connect::{ErrorClass, RetryPolicy};
use dsql_sql::transaction::ROWS;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use crate::DsqlPool;
use crate::error::Error;

/// Parameters of one statement, by PostgreSQL's protocol.
const MAX_PARAMETERS: usize = 65_535;

/// Items on their way to the cluster, made by [`DsqlPool::in_batches`].
///
/// # Defaults
///
/// | setting | default |
/// |---|---|
/// | `rows` | 1,000 a transaction; at most 3,000 |
/// | `bytes` | 4 MiB a transaction by [`size_of`](Self::size_of); the service takes 10 MiB with the entries of indexes |
/// | `size_of` | 64 bytes an item |
/// | `in_flight` | 4 transactions at once |
/// | `retry` | the pool's policy, a batch |
///
/// A batch that the service finds too large all the same is cut in two and
/// tried again, until it is one item. But a single message of more than 10 MiB
/// ends the connection, so tell the size of items that may be long.
pub struct InBatches<'p, T> {
    pool: &'p DsqlPool,
    items: Box<dyn Iterator<Item = T> + Send + 'p>,
    rows: usize,
    /// More would have too many parameters.
    most: usize,
    bytes: usize,
    size_of: Box<dyn Fn(&T) -> usize + Send + 'p>,
    in_flight: usize,
    policy: RetryPolicy,
    progress: Option<OnProgress<'p>>,
}

type OnProgress<'p> = Box<dyn FnMut(&BatchReport) + Send + 'p>;

/// What [`InBatches`] has written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchReport {
    /// Rows changed, as the server counts them.
    pub rows: u64,
    /// Which items were committed, by position from 0: ranges in order that do
    /// not touch.
    pub written: Vec<Range<usize>>,
    /// Transactions committed.
    pub batches: usize,
    /// Attempts that met a conflict, or lost the connection, and were made again.
    pub retries: u32,
    /// How long it took.
    pub elapsed: Duration,
}

/// Why [`InBatches`] has stopped. What was under way then was awaited, and
/// nothing new begun.
#[derive(Debug, thiserror::Error)]
#[error("items {} to {} could not be written: {source}. Of the others, {} were written, which the report lists",
    .items.start, .items.end.saturating_sub(1), .report.items())]
#[non_exhaustive]
pub struct BatchError {
    /// What was written.
    pub report: BatchReport,
    /// The items of the batch that failed first, by position from 0. After
    /// [`Error::Ambiguous`] they may have been written.
    pub items: Range<usize>,
    /// Why.
    pub source: Error,
}

/// The future of one batch; answers the rows it changed.
pub type BatchFuture<'c> = Pin<Box<dyn Future<Output = Result<u64, sqlx::Error>> + Send + 'c>>;

impl DsqlPool {
    /// Work over many items, cut into transactions that the service takes,
    /// several at once, each retried by itself. The whole is no transaction:
    /// when it fails, what was committed stays, and the error says what that is.
    ///
    /// ```no_run
    /// # async fn f(pool: dsql_sqlx::DsqlPool) -> Result<(), dsql_sqlx::BatchError> {
    /// use dsql_sqlx::sqlx;
    ///
    /// let names = (1..=100_000_i64).map(|id| (id, format!("pet {id}")));
    /// let report = pool
    ///     .in_batches(names)
    ///     .size_of(|(_, name)| 16 + name.len())
    ///     .in_flight(8)
    ///     .insert("INSERT INTO pet (id, name)", 2, |mut row, (id, name)| {
    ///         row.push_bind(*id).push_bind(name.clone());
    ///     })
    ///     .await?;
    /// println!("{} rows in {} transactions", report.rows, report.batches);
    /// # Ok(()) }
    /// ```
    pub fn in_batches<'p, T>(
        &'p self,
        items: impl IntoIterator<Item = T, IntoIter: Send + 'p>,
    ) -> InBatches<'p, T> {
        InBatches {
            pool: self,
            items: Box::new(items.into_iter()),
            rows: 1000,
            most: usize::MAX,
            bytes: 4 << 20,
            size_of: Box::new(|_| 64),
            in_flight: 4,
            policy: self.retry_policy().clone(),
            progress: None,
        }
    }
}

impl<'p, T: Send + Sync + 'static> InBatches<'p, T> {
    /// Items a transaction, 1 to 3,000: as many as change no more than 3,000
    /// rows, those of cascades included.
    #[must_use]
    pub fn rows(mut self, rows: usize) -> Self {
        self.rows = rows.clamp(1, ROWS as usize);
        self
    }

    /// Parameters that a statement binds for an item, where one statement takes
    /// a whole batch: it may have 65,535.
    #[must_use]
    pub fn parameters(mut self, parameters: usize) -> Self {
        self.most = (MAX_PARAMETERS / parameters.max(1)).max(1);
        self
    }

    /// Bytes a transaction, as [`size_of`](Self::size_of) counts them.
    #[must_use]
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// How many bytes an item comes to, about.
    #[must_use]
    pub fn size_of(mut self, size_of: impl Fn(&T) -> usize + Send + 'p) -> Self {
        self.size_of = Box::new(size_of);
        self
    }

    /// Transactions at once, on as many connections of the pool.
    #[must_use]
    pub fn in_flight(mut self, transactions: usize) -> Self {
        self.in_flight = transactions.max(1);
        self
    }

    /// How each batch is retried. Where writing a batch twice does no harm
    /// (keys that are given, ON CONFLICT), say so by
    /// [`RetryPolicy::idempotent`]: then a connection that is lost during
    /// COMMIT does not end the work.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Calls `progress` after each batch with what was written so far.
    #[must_use]
    pub fn on_progress(mut self, progress: impl FnMut(&BatchReport) + Send + 'p) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Inserts the items, a row each, by statements of many rows: `into` up to
    /// VALUES, and `bind` pushes the `columns` values of an item.
    ///
    /// # Errors
    ///
    /// [`BatchError`].
    pub async fn insert<B>(
        self,
        into: &'static str,
        columns: usize,
        bind: B,
    ) -> Result<BatchReport, BatchError>
    where
        B: Fn(sqlx::query_builder::Separated<'_, Postgres, &'static str>, &T)
            + Send
            + Sync
            + 'static,
    {
        self.parameters(columns)
            .run(move |connection, items| {
                let mut statement = QueryBuilder::<Postgres>::new(into);
                statement.push(" ");
                statement.push_values(items, &bind);
                Box::pin(async move {
                    let done = statement.build().execute(connection).await?;
                    Ok(done.rows_affected())
                })
            })
            .await
    }

    /// Runs `work` on the items, batch by batch, each in a transaction. It may
    /// be run more than once on a batch, and answers the rows it changed.
    ///
    /// # Errors
    ///
    /// [`BatchError`].
    pub async fn run<F>(mut self, work: F) -> Result<BatchReport, BatchError>
    where
        F: for<'c> Fn(&'c mut PgConnection, &'c [T]) -> BatchFuture<'c> + Send + Sync + 'static,
    {
        let (work, started) = (Arc::new(work), Instant::now());
        let mut report = BatchReport::default();
        let mut under_way = FuturesUnordered::new();
        let mut halves: Vec<Batch<T>> = Vec::new();
        let (mut next, mut ahead) = (0, None);
        let mut failed: Option<(Range<usize>, Error)> = None;
        loop {
            while failed.is_none() && under_way.len() < self.in_flight {
                let batch = match halves.pop() {
                    Some(half) => half,
                    None => match self.cut(&mut next, &mut ahead) {
                        Some(batch) => batch,
                        None => break,
                    },
                };
                under_way.push(write(self.pool, self.policy.clone(), work.clone(), batch));
            }
            let Some((batch, attempts, written)) = under_way.next().await else {
                break;
            };
            report.retries += attempts.saturating_sub(1);
            report.elapsed = started.elapsed();
            match written {
                Ok(rows) => {
                    report.rows += rows;
                    report.batches += 1;
                    add(&mut report.written, batch.positions());
                    if let Some(progress) = &mut self.progress {
                        progress(&report);
                    }
                }
                Err(error) if error.class() == ErrorClass::Limit && batch.place.len() > 1 => {
                    halves.extend(batch.halves());
                }
                Err(error) => {
                    failed.get_or_insert((batch.positions(), error));
                }
            }
        }
        report.elapsed = started.elapsed();
        match failed {
            None => Ok(report),
            Some((items, source)) => Err(BatchError {
                report,
                items,
                source,
            }),
        }
    }

    /// The next batch; `ahead` is an item that had no room in the one before.
    fn cut(&mut self, next: &mut usize, ahead: &mut Option<T>) -> Option<Batch<T>> {
        let mut items: Vec<T> = Vec::new();
        let mut bytes = 0;
        while items.len() < self.rows.min(self.most) {
            let Some(item) = ahead.take().or_else(|| self.items.next()) else {
                break;
            };
            bytes += (self.size_of)(&item);
            if bytes > self.bytes && !items.is_empty() {
                *ahead = Some(item);
                break;
            }
            items.push(item);
        }
        if items.is_empty() {
            return None;
        }
        let batch = Batch {
            from: *next,
            place: 0..items.len(),
            items: items.into(),
        };
        *next += batch.place.len();
        Some(batch)
    }
}

/// Some of the items.
struct Batch<T> {
    items: Arc<[T]>,
    /// Which of them.
    place: Range<usize>,
    /// The position of the first of them among all.
    from: usize,
}

impl<T> Batch<T> {
    fn positions(&self) -> Range<usize> {
        self.from + self.place.start..self.from + self.place.end
    }

    /// The second half first, since the last is taken first.
    fn halves(self) -> [Self; 2] {
        let middle = self.place.start + self.place.len() / 2;
        let half = |place| Self {
            items: self.items.clone(),
            place,
            from: self.from,
        };
        [half(middle..self.place.end), half(self.place.start..middle)]
    }
}

async fn write<T, F>(
    pool: &DsqlPool,
    policy: RetryPolicy,
    work: Arc<F>,
    batch: Batch<T>,
) -> (Batch<T>, u32, Result<u64, Error>)
where
    T: Send + Sync + 'static,
    F: for<'c> Fn(&'c mut PgConnection, &'c [T]) -> BatchFuture<'c> + Send + Sync + 'static,
{
    let attempts = Arc::new(AtomicU32::new(0));
    let written = pool
        .transact_with(&policy, |connection| {
            attempts.fetch_add(1, Ordering::Relaxed);
            let (work, items, place) = (work.clone(), batch.items.clone(), batch.place.clone());
            Box::pin(async move { Ok(work(connection, &items[place]).await?) })
        })
        .await;
    (batch, attempts.load(Ordering::Relaxed), written)
}

/// Adds a range to ranges in order that do not touch.
fn add(ranges: &mut Vec<Range<usize>>, range: Range<usize>) {
    let at = ranges.partition_point(|known| known.end < range.start);
    let mut range = range;
    while ranges.get(at).is_some_and(|known| known.start <= range.end) {
        let known = ranges.remove(at);
        range = known.start.min(range.start)..known.end.max(range.end);
    }
    ranges.insert(at, range);
}

impl BatchReport {
    /// How many items were committed.
    pub fn items(&self) -> usize {
        self.written.iter().map(Range::len).sum()
    }
}

impl<T> fmt::Debug for InBatches<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InBatches")
            .field("rows", &self.rows)
            .field("bytes", &self.bytes)
            .field("in_flight", &self.in_flight)
            .field("retry", &self.policy)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_become_one_in_whatever_order_they_come() {
        let mut ranges = Vec::new();
        for range in [4..6, 0..2, 10..12, 2..4, 8..10] {
            add(&mut ranges, range);
        }
        assert_eq!(ranges, [0..6, 8..12]);
        add(&mut ranges, 6..8);
        assert_eq!(ranges, [0..12; 1]);
    }
}
