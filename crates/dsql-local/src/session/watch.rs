//! What is read of PostgreSQL around a statement, to see what it has done. The readings travel with the statement and
//! cost no round trip.

use std::io;
use std::sync::atomic::Ordering;

use super::Session;
use super::form::Form;

const CHANGES_NAME: &str = "dsql.changes";
/// Rows that this session has changed in user tables since its statistics were collected last, which is never done
/// inside a transaction. Objects of users begin at this number.
const CHANGES: &str = "SELECT pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_inserted(oid) \
     + pg_catalog.pg_stat_get_xact_tuples_updated(oid) + pg_catalog.pg_stat_get_xact_tuples_deleted(oid)) \
     FROM pg_catalog.pg_class WHERE oid >= 16384 AND relkind = 'r'";

const LOG_NAME: &str = "dsql.log";
/// How far PostgreSQL's log has come. Nobody stores more than it grows by.
pub(super) const LOG: &str =
    "SELECT pg_catalog.pg_current_wal_insert_lsn() - '0/0'::pg_catalog.pg_lsn";

/// What of a statement is watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Watch {
    /// How many rows it changes: its tag may not tell.
    changes: bool,
    /// How much it stores: it makes values of its own.
    log: bool,
    /// How far the log had come before.
    log_position: u64,
}

/// What was seen of a statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Rows changed, where that was watched.
    pub(super) changes: Option<u64>,
    /// At most so many bytes stored, where that was watched.
    pub(super) stored: Option<u64>,
}

impl Watch {
    pub(super) fn count_changes(&mut self) {
        self.changes = true;
    }

    pub(super) fn is_on(self) -> bool {
        self.changes || self.log
    }
}

impl Session {
    /// What has to be watched of a statement.
    pub(super) async fn watch(&mut self, form: &Form) -> Watch {
        Watch {
            changes: self.is_far_reaching(form).await,
            log: form.makes_values,
            log_position: self.cluster.log_position.load(Ordering::Relaxed),
        }
    }

    /// Adds what is read before the statement.
    pub(super) fn send_before(&mut self, watch: Watch) -> io::Result<()> {
        self.captured.clear();
        if watch.changes {
            self.send_reading(CHANGES_NAME, CHANGES)?;
        }
        Ok(())
    }

    /// Adds what is read behind the statement.
    pub(super) fn send_behind(&mut self, watch: Watch) -> io::Result<()> {
        if watch.changes {
            self.send_reading(CHANGES_NAME, CHANGES)?;
        }
        if watch.log {
            self.send_reading(LOG_NAME, LOG)?;
        }
        Ok(())
    }

    fn send_reading(&mut self, name: &'static str, sql: &str) -> io::Result<()> {
        if !self.known_readings.contains(&name) {
            self.send_hidden_parse(name, sql)?;
            self.known_readings.push(name);
        }
        self.send_hidden_close(name)?;
        self.send_hidden_execute(name)
    }

    /// Makes of the readings that have come in what they tell.
    pub(super) fn seen(&mut self, watch: Watch) -> Seen {
        let mut readings = self.captured.drain(..).map(|reading| {
            let count = reading.as_deref().unwrap_or("0");
            count.parse::<u64>().unwrap_or(0)
        });
        let mut seen = Seen::default();
        if watch.changes
            && let (Some(before), Some(after)) = (readings.next(), readings.next())
        {
            seen.changes = Some(after.saturating_sub(before));
        }
        if watch.log
            && let Some(position) = readings.next()
        {
            (self.cluster.log_position).fetch_max(position, Ordering::Relaxed);
            seen.stored = Some(position.saturating_sub(watch.log_position));
        }
        seen
    }
}
