//! What a session shows of itself on the status page.

use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime};

use super::lock;
use super::text::excerpt;

/// Nothing is kept, and next to nothing spent, where there is no status page.
#[derive(Debug, Default)]
pub(crate) struct Card(Option<Box<Mutex<Shown>>>);

#[derive(Debug)]
struct Shown {
    session: u64,
    user: String,
    application_name: String,
    connected: SystemTime,
    is_working: bool,
    has_failed: bool,
    /// Since when it works, or waits.
    since: Instant,
    statements: u64,
    statement: Option<Arc<str>>,
    /// The last statement that changed or locked rows.
    write: Option<Arc<str>>,
    transaction: Option<Open>,
    met: Option<Met>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    began: Instant,
    rows: u64,
    writes: bool,
}

/// One of the two in a conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    pub(super) session: u64,
    pub(super) application_name: String,
    /// The statement that changed or locked the row, cut short.
    pub(super) statement: String,
}

/// Whom a session has met at a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Met {
    /// With its schema; empty when it is not known.
    pub(crate) table: String,
    /// The values of the primary key; empty when they are not known.
    pub(crate) key: String,
    pub(crate) other: Option<Side>,
}

/// A card as it is at a moment.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub(super) session: u64,
    pub(super) user: String,
    pub(super) application_name: String,
    pub(super) connected: SystemTime,
    pub(super) state: &'static str,
    pub(super) since: Instant,
    pub(super) statements: u64,
    pub(super) statement: Option<Arc<str>>,
    /// Since when, how many rows, whether it has written.
    pub(super) transaction: Option<(Instant, u64, bool)>,
}

impl Card {
    /// The card of a session that has just come in.
    pub(crate) fn new(session: u64, user: &str, application_name: &str) -> Self {
        Self(Some(Box::new(Mutex::new(Shown {
            session,
            user: user.to_owned(),
            application_name: application_name.to_owned(),
            connected: SystemTime::now(),
            is_working: false,
            has_failed: false,
            since: Instant::now(),
            statements: 0,
            statement: None,
            write: None,
            transaction: None,
            met: None,
        }))))
    }

    /// Whether there is a page to show it.
    pub(crate) fn is_shown(&self) -> bool {
        self.0.is_some()
    }

    fn edit(&self, edit: impl FnOnce(&mut Shown)) {
        if let Some(shown) = &self.0 {
            edit(&mut lock(shown));
        }
    }

    pub(crate) fn rename(&self, application_name: &str) {
        self.edit(|shown| application_name.clone_into(&mut shown.application_name));
    }

    /// The client has sent something.
    pub(crate) fn working(&self) {
        self.edit(|shown| {
            shown.is_working = true;
            shown.since = Instant::now();
        });
    }

    /// The client may speak; `status` as ReadyForQuery tells it.
    pub(crate) fn waiting(&self, status: u8) {
        self.edit(|shown| {
            shown.is_working = false;
            shown.has_failed = status == b'E';
            shown.since = Instant::now();
        });
    }

    /// A statement is prepared.
    pub(crate) fn prepares(&self, sql: &Arc<str>) {
        self.edit(|shown| shown.statement = Some(Arc::clone(sql)));
    }

    /// The last statement.
    pub(crate) fn current(&self) -> Arc<str> {
        let current = (self.0.as_deref()).and_then(|shown| lock(shown).statement.clone());
        current.unwrap_or_default()
    }

    /// A statement begins. `writes`: it changes or locks rows, or the catalog.
    pub(crate) fn statement(&self, sql: &Arc<str>, writes: bool) {
        self.edit(|shown| {
            shown.statements += 1;
            if shown.transaction.is_none() {
                shown.met = None;
            }
            shown.statement = Some(Arc::clone(sql));
            if writes {
                shown.write = Some(Arc::clone(sql));
                if let Some(open) = &mut shown.transaction {
                    open.writes = true;
                }
            }
        });
    }

    pub(crate) fn begin(&self) {
        self.edit(|shown| {
            shown.met = None;
            shown.write = None;
            shown.transaction = Some(Open {
                began: Instant::now(),
                rows: 0,
                writes: false,
            });
        });
    }

    /// So many rows have been changed in the transaction.
    pub(crate) fn rows(&self, rows: u64) {
        self.edit(|shown| {
            if let Some(open) = &mut shown.transaction {
                open.rows = rows;
            }
        });
    }

    pub(crate) fn end(&self) {
        self.edit(|shown| shown.transaction = None);
    }

    /// What is known of the conflict that this session may lose. What one finding does not know another may have known.
    pub(crate) fn meets(&self, met: Met) {
        self.edit(|shown| {
            let known = shown.met.get_or_insert_default();
            if !met.table.is_empty() {
                if !known.table.is_empty() && known.table != met.table {
                    *known = Met::default();
                }
                known.table = met.table;
            }
            if !met.key.is_empty() {
                known.key = met.key;
            }
            known.other = met.other.or(known.other.take());
        });
    }

    /// What is known of the conflict that this session has lost.
    pub(crate) fn take_met(&self) -> Option<Met> {
        lock(self.0.as_deref()?).met.take()
    }

    /// This session as one of the two in a conflict.
    pub(crate) fn side(&self) -> Option<Side> {
        let shown = lock(self.0.as_deref()?);
        let statement = shown.write.as_ref().or(shown.statement.as_ref());
        Some(Side {
            session: shown.session,
            application_name: shown.application_name.clone(),
            statement: statement.map(|sql| excerpt(sql)).unwrap_or_default(),
        })
    }

    pub(super) fn snapshot(&self) -> Option<Snapshot> {
        let shown = lock(self.0.as_deref()?);
        let state = match (&shown.transaction, shown.is_working) {
            (_, true) => "active",
            (Some(_), false) if shown.has_failed => "failed transaction",
            (Some(_), false) => "idle in transaction",
            (None, false) => "idle",
        };
        Some(Snapshot {
            session: shown.session,
            user: shown.user.clone(),
            application_name: shown.application_name.clone(),
            connected: shown.connected,
            state,
            since: shown.since,
            statements: shown.statements,
            statement: shown.statement.clone(),
            transaction: shown
                .transaction
                .map(|open| (open.began, open.rows, open.writes)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_conflict_is_put_together() {
        let card = Card::new(1, "admin", "psql");
        card.begin();
        let other = Card::new(2, "admin", "app").side();
        card.meets(Met {
            table: "public.t".into(),
            other: other.clone(),
            ..Met::default()
        });
        card.meets(Met {
            key: "7".into(),
            ..Met::default()
        });
        card.meets(Met {
            table: "public.t".into(),
            ..Met::default()
        });
        let met = card.take_met().unwrap();
        assert_eq!((met.key.as_str(), met.other), ("7", other));
        assert_eq!(card.take_met(), None);
    }

    #[test]
    fn a_card_tells_what_its_session_does() {
        let card = Card::new(1, "admin", "psql");
        let state = |card: &Card| card.snapshot().unwrap().state;
        assert_eq!(state(&card), "idle");
        card.working();
        card.statement(&"BEGIN".into(), false);
        assert_eq!(state(&card), "active");
        card.begin();
        card.statement(&"UPDATE t SET a = 1".into(), true);
        card.rows(3);
        card.waiting(b'T');
        assert_eq!(state(&card), "idle in transaction");
        let shown = card.snapshot().unwrap();
        assert_eq!(shown.statements, 2);
        assert!(matches!(shown.transaction, Some((_, 3, true))));
        card.waiting(b'E');
        assert_eq!(state(&card), "failed transaction");
        card.end();
        assert_eq!(state(&card), "idle");
    }

    #[test]
    fn without_a_page_nothing_is_kept() {
        let card = Card::default();
        card.statement(&"SELECT 1".into(), false);
        assert!(card.snapshot().is_none() && card.side().is_none() && !card.is_shown());
    }
}
