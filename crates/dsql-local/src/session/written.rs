//! What a transaction has written so far, held against the limits.
//!
//! Where the command tag tells how many rows, it is gone by; else the statement is [watched](super::watch). What rows
//! come to in bytes is asked only where it may be too much.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use dsql_sql::{Kind, Refusal};

use super::Session;
use super::exchange::Trouble;
use super::form::Form;
use super::watch::LOG;
use crate::reach::Reach;
use crate::wire::backend::ServerError;

const MIB: u64 = 1024 * 1024;

/// What is longer than a page of PostgreSQL is stored out of line.
const PAGE: u64 = 8 * 1024;

/// What a row takes besides its values, a key of the table's own making included, and an entry of an index with it.
const ROW_HEADER: u64 = 64;

#[derive(Debug, Default)]
pub(super) struct Written {
    rows: u64,
    /// How far PostgreSQL's log had come when the transaction began, or earlier.
    log_position: u64,
}

/// The reach that a session knows.
#[derive(Debug, Default)]
pub(super) struct KnownReach {
    version: u64,
    reach: Option<Arc<Reach>>,
}

/// What the rows that a transaction has written come to, as PostgreSQL stores them.
#[derive(Debug, PartialEq, Eq)]
struct Sizes {
    total: u64,
    longest_row: u64,
    /// The type of a value that is longer than it may be.
    oversize: Option<String>,
}

impl Session {
    /// A transaction that has written nothing yet.
    pub(super) fn nothing_written(&self) -> Written {
        Written {
            rows: 0,
            log_position: self.cluster.log_position.load(Ordering::Relaxed),
        }
    }

    /// Whether no row has been changed since the transaction began.
    pub(super) fn has_written_nothing(&self) -> bool {
        match &self.transaction {
            Some(transaction) => transaction.written.rows == 0,
            None => self.implicit_written.rows == 0,
        }
    }

    fn written(&mut self) -> &mut Written {
        match &mut self.transaction {
            Some(transaction) => &mut transaction.written,
            None => &mut self.implicit_written,
        }
    }

    /// Whether the statement may change more rows than its tag will tell.
    pub(super) async fn is_far_reaching(&mut self, form: &Form) -> bool {
        if form.tag_tells_less {
            return true;
        }
        if form.is_copy || !matches!(form.kind, Kind::Write | Kind::Read) {
            return false;
        }
        let version = self.cluster.reaches.version();
        if self.reach.reach.is_none() || self.reach.version != version {
            let cluster = &self.cluster;
            match cluster
                .reaches
                .get(&cluster.address, &cluster.registry)
                .await
            {
                Ok((version, reach)) => {
                    self.reach = KnownReach {
                        version,
                        reach: Some(reach),
                    };
                }
                Err(error) => tracing::warn!(%error, "cascades could not be looked up"),
            }
        }
        (self.reach.reach.as_ref())
            .is_some_and(|reach| !reach.is_empty() && reach.covers(&form.sql, form.may_cascade))
    }

    /// Whether the rows that a statement lists may come to too many bytes, though what it brought does not.
    pub(super) fn may_be_too_much(&self, form: &Form) -> bool {
        let limits = &self.cluster.limits;
        let rows = form.listed_rows().unwrap_or(u64::MAX);
        if rows.saturating_mul(limits.row) <= limits.size {
            return false;
        }
        let fills = |reach: &Arc<Reach>| reach.fills(form.target());
        let stored = (self.brought.total()).saturating_add(rows.saturating_mul(ROW_HEADER));
        // As if each index held every column.
        stored.saturating_mul(limits.indexes.saturating_add(1)) > limits.size
            || self.reach.reach.as_ref().is_none_or(fills)
    }

    /// Counts rows that a statement has changed. As many as the limit pass; the statement that crosses it fails.
    pub(super) fn count_rows(&mut self, rows: u64) -> Result<(), Refusal> {
        let limit = self.cluster.limits.rows;
        let written = self.written();
        written.rows = written.rows.saturating_add(rows);
        let rows = written.rows;
        self.card().rows(rows);
        if rows > limit {
            return Err(Refusal::row_limit());
        }
        Ok(())
    }

    /// Refuses a value or a row that is too long, after the statement that brought it.
    pub(super) async fn check_values(&mut self) -> Result<(), Trouble> {
        let limits = &self.cluster.limits;
        let long = limits.value.min(limits.row);
        let out_of_line = if long > PAGE { long } else { 0 };
        let sizes = self.sizes(out_of_line).await?;
        if let Some(type_name) = sizes.oversize {
            let words =
                format!("datatype limit greater than 1048576 bytes not supported for {type_name}");
            return Err(Trouble::Ours(ServerError::new("54000", words)));
        }
        if sizes.longest_row > self.cluster.limits.row {
            let error = ServerError::new("54000", "maximum row size exceeded");
            return Err(Trouble::Ours(error));
        }
        Ok(())
    }

    /// Refuses a COMMIT that would write too many bytes.
    pub(super) async fn check_size(&mut self) -> Result<(), Trouble> {
        let (size, row) = (self.cluster.limits.size, self.cluster.limits.row);
        let Written {
            rows,
            log_position: began,
        } = *self.written();
        if rows == 0 || rows.saturating_mul(row) <= size {
            return Ok(());
        }
        self.settle_unsynced().await?;
        // Others write into the same log, but nobody writes less than it has grown by.
        let position = self.ask_inside(LOG).await?;
        let position = position.and_then(|text| text.parse().ok()).unwrap_or(0);
        (self.cluster.log_position).fetch_max(position, Ordering::Relaxed);
        if position.saturating_sub(began) <= size {
            return Ok(());
        }
        let total = self.sizes(0).await?.total;
        if total > size {
            return Err(Refusal::size_limit(total.div_ceil(MIB)).into());
        }
        Ok(())
    }

    /// Measures what was written to tables that keep at least so many bytes out of line.
    async fn sizes(&mut self, out_of_line: u64) -> Result<Sizes, Trouble> {
        let limit = self.cluster.limits.value;
        let text = self
            .ask_inside(&format!(
                "SELECT pg_catalog.dsql_local_written({limit}, {out_of_line})"
            ))
            .await?;
        Ok(Sizes::of(&text.unwrap_or_default()))
    }

    /// The answer to a question of the session's own, asked inside the transaction that is open, the implicit one too.
    pub(super) async fn ask_inside(&mut self, sql: &str) -> Result<Option<String>, Trouble> {
        if self.transaction.is_some() {
            return self.hidden(sql).await;
        }
        self.captured.clear();
        self.send_hidden(sql)?;
        self.settle_unsynced().await?;
        Ok(self.captured.pop().flatten())
    }
}

impl Sizes {
    /// Reads what `pg_catalog.dsql_local_written` answers.
    fn of(text: &str) -> Self {
        let mut parts = text.splitn(3, ' ');
        let mut number = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
        let (total, longest_row) = (number(), number());
        let oversize = parts.next().filter(|name| !name.is_empty());
        Self {
            total,
            longest_row,
            oversize: oversize.map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sizes;

    #[test]
    fn sizes_are_read() {
        let sizes = Sizes::of("12 7 character varying");
        assert_eq!((sizes.total, sizes.longest_row), (12, 7));
        assert_eq!(sizes.oversize.as_deref(), Some("character varying"));
        assert_eq!(Sizes::of("12 7 ").oversize, None);
        assert_eq!(Sizes::of("").total, 0);
    }
}
