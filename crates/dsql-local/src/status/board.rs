//! What the status page remembers of a cluster: what was refused, and who lost to whom.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::card::{Card, Met, Side};
use super::lock;
use super::text::excerpt;
use crate::wire::backend::ServerError;

/// Of each kind so many different entries are kept; the oldest goes first.
const KEPT: usize = 200;

/// The memory of a cluster that has a status page.
#[derive(Debug)]
pub(crate) struct Board {
    pub(super) started: SystemTime,
    sessions: AtomicU64,
    refused: Mutex<HashMap<(String, String), Refused>>,
    conflicts: Mutex<HashMap<(String, String), Conflict>>,
    /// Who wrote to a table last and has committed.
    writers: Mutex<HashMap<String, Side>>,
}

/// An error that clients were told.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub(super) error: ServerError,
    pub(super) count: u64,
    pub(super) last: SystemTime,
    /// Who met it last, and with what.
    pub(super) side: Option<Side>,
    pub(super) statement: String,
}

/// OC000 at one key.
#[derive(Clone, Debug)]
pub(super) struct Conflict {
    pub(super) table: String,
    pub(super) key: String,
    pub(super) count: u64,
    pub(super) last: SystemTime,
    pub(super) loser: Option<Side>,
    pub(super) winner: Option<Side>,
}

impl Board {
    pub(crate) fn new() -> Self {
        Self {
            started: SystemTime::now(),
            sessions: AtomicU64::new(1),
            refused: Mutex::default(),
            conflicts: Mutex::default(),
            writers: Mutex::default(),
        }
    }

    /// The card of a session that has just come in.
    pub(crate) fn card(&self, user: &str, application_name: &str) -> Card {
        let session = self.sessions.fetch_add(1, Ordering::Relaxed);
        Card::new(session, user, application_name)
    }

    /// How many sessions have come in.
    pub(super) fn sessions(&self) -> u64 {
        self.sessions.load(Ordering::Relaxed) - 1
    }

    /// A client was told `error`, in answer to `statement`.
    pub(crate) fn refused(&self, error: &ServerError, statement: &str, side: Option<Side>) {
        let mut refused = lock(&self.refused);
        make_room(&mut refused, |entry| entry.last);
        let key = (error.sqlstate.clone(), error.message.clone());
        let entry = refused.entry(key).or_insert_with(|| Refused {
            error: error.clone(),
            count: 0,
            last: SystemTime::now(),
            side: None,
            statement: String::new(),
        });
        entry.count += 1;
        entry.last = SystemTime::now();
        entry.side = side;
        entry.statement = excerpt(statement);
    }

    /// A transaction was refused with OC000.
    pub(crate) fn conflict(&self, loser: Option<Side>, met: Met) {
        let mut conflicts = lock(&self.conflicts);
        make_room(&mut conflicts, |entry| entry.last);
        let key = (met.table.clone(), met.key.clone());
        let entry = conflicts.entry(key).or_insert_with(|| Conflict {
            table: met.table,
            key: met.key,
            count: 0,
            last: SystemTime::now(),
            loser: None,
            winner: None,
        });
        entry.count += 1;
        entry.last = SystemTime::now();
        entry.loser = loser;
        entry.winner = met.other;
    }

    /// Somebody has committed changes of these tables, named as the statements name them.
    pub(crate) fn wrote<'a>(&self, side: Option<Side>, tables: impl Iterator<Item = &'a str>) {
        let Some(side) = side else { return };
        let mut writers = lock(&self.writers);
        for table in tables {
            if writers.len() >= KEPT && !writers.contains_key(table) {
                writers.clear();
            }
            writers.insert(table.to_owned(), side.clone());
        }
    }

    /// Who has committed changes of the table last.
    pub(crate) fn writer(&self, table: &str) -> Option<Side> {
        lock(&self.writers).get(table).cloned()
    }

    /// Newest first.
    pub(super) fn all_refused(&self) -> Vec<Refused> {
        let mut all: Vec<Refused> = lock(&self.refused).values().cloned().collect();
        all.sort_by_key(|entry| std::cmp::Reverse(entry.last));
        all
    }

    /// Newest first.
    pub(super) fn all_conflicts(&self) -> Vec<Conflict> {
        let mut all: Vec<Conflict> = lock(&self.conflicts).values().cloned().collect();
        all.sort_by_key(|entry| std::cmp::Reverse(entry.last));
        all
    }
}

/// Drops the oldest entry where there are as many as are kept.
fn make_room<T>(entries: &mut HashMap<(String, String), T>, last: impl Fn(&T) -> SystemTime) {
    if entries.len() < KEPT {
        return;
    }
    let oldest = entries.iter().min_by_key(|(_, entry)| last(entry));
    if let Some(key) = oldest.map(|(key, _)| key.clone()) {
        entries.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_refusal_is_counted_and_the_oldest_make_room() {
        let board = Board::new();
        for _ in 0..3 {
            board.refused(&ServerError::new("42P01", "no t"), "SELECT * FROM t", None);
        }
        assert_eq!(board.all_refused()[0].count, 3);
        for n in 0..KEPT {
            let error = ServerError::new("42P01", format!("no {n}"));
            board.refused(&error, "SELECT", None);
        }
        let all = board.all_refused();
        assert_eq!(all.len(), KEPT);
        assert!(all.iter().all(|entry| entry.error.message != "no t"));
    }
}
