//! First committer wins, and nobody waits.
//!
//! PostgreSQL lets the second writer of a row wait for the first. The service lets both go on and refuses the one
//! that commits second. To get there, every transaction begins with a savepoint; when a statement waits for the
//! locks of a transaction that is idle, that transaction is *wounded*: rolled back to its savepoint, which frees its
//! locks and keeps its snapshot. When its client speaks again, its logged statements are replayed under that same
//! snapshot. If the other has committed by then, PostgreSQL refuses the replay and COMMIT answers OC000.
//!
//! A transaction that only locked rows leaves no trace that a replay could trip over, so every wound also draws an
//! *edge* between the two: when one end commits, the other is doomed.

mod lookout;

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::{Mutex as AsyncMutex, Notify};

use self::lookout::Lookout;
use crate::status::Card;
use crate::upstream::Upstream;

/// Counts the changes of the catalog, so that a session can tell whether it knows the present one.
#[derive(Debug)]
pub(crate) struct CatalogVersion {
    version: AtomicU64,
    /// Off: it never changes.
    counts: bool,
}

impl CatalogVersion {
    pub(crate) fn new(counts: bool) -> Self {
        Self {
            version: AtomicU64::new(0),
            counts,
        }
    }

    /// Whether it ever changes.
    pub(crate) fn counts(&self) -> bool {
        self.counts
    }

    pub(crate) fn now(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Somebody has changed the catalog; gives the versions before and after.
    pub(crate) fn change(&self) -> (u64, u64) {
        let step = u64::from(self.counts);
        let before = self.version.fetch_add(step, Ordering::AcqRel);
        (before, before + step)
    }
}

/// All sessions of a cluster, by the process that serves each.
#[derive(Debug)]
pub(crate) struct Registry {
    sessions: Mutex<HashMap<i32, Arc<Handle>>>,
    lookout: Lookout,
    /// Held across a COMMIT that has edges, so that of two ends exactly one wins.
    pub(crate) commits: AsyncMutex<()>,
    next_transaction: AtomicU64,
    /// How many sessions are idle in a transaction: only they can be moved aside.
    idle: Arc<AtomicUsize>,
}

/// What others may know and ask of a session.
#[derive(Debug)]
pub(crate) struct Handle {
    pid: i32,
    state: Mutex<State>,
    wound: Notify,
    /// The registry's count.
    idle: Arc<AtomicUsize>,
    card: Card,
}

#[derive(Debug, Default)]
struct State {
    /// Idle in a transaction, between two batches of messages.
    idle: bool,
    wound: Option<Wound>,
    transaction: Option<Open>,
}

#[derive(Debug)]
struct Open {
    id: u64,
    edges: Vec<(i32, u64)>,
    doomed: bool,
    /// Who was seen to wait for its locks while it was at work.
    wanted: Vec<Wanted>,
}

#[derive(Debug)]
struct Wanted {
    waiter: i32,
    wound: Wound,
    /// Gone when the wait is over.
    waiting: Weak<()>,
}

/// Why a transaction is rolled back to its savepoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wound {
    /// Another transaction wants a row that this one has locked.
    Row,
    /// Another transaction wants to change a table that this one has used.
    Schema,
}

impl Registry {
    pub(crate) fn new() -> Self {
        Self {
            sessions: Mutex::default(),
            lookout: Lookout::default(),
            commits: AsyncMutex::default(),
            next_transaction: AtomicU64::new(1),
            idle: Arc::default(),
        }
    }

    /// The handle lives until [`leave`](Self::leave).
    pub(crate) fn enter(&self, pid: i32, card: Card) -> Arc<Handle> {
        let handle = Arc::new(Handle {
            pid,
            state: Mutex::default(),
            wound: Notify::new(),
            idle: Arc::clone(&self.idle),
            card,
        });
        lock(&self.sessions).insert(pid, Arc::clone(&handle));
        handle
    }

    pub(crate) fn leave(&self, handle: &Handle) {
        handle.rolled_back();
        lock(&self.sessions).remove(&handle.pid);
    }

    /// All that are in.
    pub(crate) fn handles(&self) -> Vec<Arc<Handle>> {
        lock(&self.sessions).values().cloned().collect()
    }

    pub(crate) fn begin(&self, handle: &Handle) {
        handle.card.begin();
        let open = Open {
            id: self.next_transaction.fetch_add(1, Ordering::Relaxed),
            edges: Vec::new(),
            doomed: false,
            wanted: Vec::new(),
        };
        handle.change(|state| state.transaction = Some(open));
    }

    /// The transaction of `handle` has committed: whoever conflicts with it can't.
    pub(crate) fn committed(&self, handle: &Handle) {
        handle.card.end();
        let Some(open) = handle.change(|state| state.transaction.take()) else {
            return;
        };
        for (pid, transaction) in open.edges {
            if let Some(other) = self.session(pid)
                && let Some(theirs) = &mut lock(&other.state).transaction
                && theirs.id == transaction
            {
                theirs.doomed = true;
            }
        }
    }

    /// The session waits for its client, and may be wounded: at once when somebody waits for it still.
    pub(crate) fn idle(&self, handle: &Handle) {
        let wanted = handle.change(|state| {
            state.idle = true;
            let open = state.transaction.as_mut();
            open.map_or_else(Vec::new, |open| std::mem::take(&mut open.wanted))
        });
        for wanted in wanted {
            if wanted.waiting.strong_count() > 0 {
                self.ask_to_yield(handle, wanted);
            }
        }
    }

    /// Waits for bytes from `upstream`, whose statement may wait for the locks of others: they are moved out of its way.
    pub(crate) async fn fill(&self, upstream: &mut Upstream) -> io::Result<()> {
        let _waiting = self.lookout.enter(upstream.pid());
        upstream.fill().await
    }

    fn ask_to_yield(&self, holder: &Handle, wanted: Wanted) {
        let holder_id = {
            let mut state = lock(&holder.state);
            if !state.idle {
                // Asked again when it is.
                if let Some(open) = &mut state.transaction {
                    open.wanted.retain(|one| one.waiter != wanted.waiter);
                    open.wanted.push(wanted);
                }
                return;
            }
            state.wound = Some(wanted.wound);
            state.transaction.as_ref().map(|open| open.id)
        };
        holder.wound.notify_one();
        if wanted.wound == Wound::Row
            && let Some(holder_id) = holder_id
        {
            self.draw_edge(holder, holder_id, wanted.waiter);
        }
    }

    fn draw_edge(&self, holder: &Handle, holder_id: u64, waiter: i32) {
        let Some(waiter) = self.session(waiter) else {
            return;
        };
        let waiter_id = {
            let mut state = lock(&waiter.state);
            let Some(open) = &mut state.transaction else {
                return;
            };
            open.connect(holder.pid, holder_id);
            open.id
        };
        if let Some(open) = &mut lock(&holder.state).transaction
            && open.id == holder_id
        {
            open.connect(waiter.pid, waiter_id);
        }
    }

    fn session(&self, pid: i32) -> Option<Arc<Handle>> {
        lock(&self.sessions).get(&pid).cloned()
    }
}

impl Handle {
    /// The session works for its client.
    pub(crate) fn busy(&self) {
        self.change(|state| {
            state.idle = false;
            state.wound = None;
        });
    }

    /// Its locks are free: nobody waits for them any more.
    pub(crate) fn yielded(&self) {
        if let Some(open) = &mut lock(&self.state).transaction {
            open.wanted.clear();
        }
    }

    /// Waits until somebody stands behind this session's locks.
    pub(crate) async fn wounded(&self) -> Wound {
        loop {
            self.wound.notified().await;
            if let Some(wound) = lock(&self.state).wound.take() {
                return wound;
            }
        }
    }

    /// What it shows of itself on the status page.
    pub(crate) fn card(&self) -> &Card {
        &self.card
    }

    /// The transaction has ended without effect.
    pub(crate) fn rolled_back(&self) {
        self.card.end();
        self.change(|state| state.transaction = None);
    }

    /// Somebody who conflicts with this transaction has committed.
    pub(crate) fn is_doomed(&self) -> bool {
        let state = lock(&self.state);
        state.transaction.as_ref().is_some_and(|open| open.doomed)
    }

    pub(crate) fn has_edges(&self) -> bool {
        let state = lock(&self.state);
        (state.transaction.as_ref()).is_some_and(|open| !open.edges.is_empty())
    }
}

impl Handle {
    /// Changes the state, and the count of those idle in a transaction with it.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = lock(&self.state);
        let before = state.is_idle_in_transaction();
        let changed = change(&mut state);
        match (before, state.is_idle_in_transaction()) {
            (false, true) => self.idle.fetch_add(1, Ordering::Relaxed),
            (true, false) => self.idle.fetch_sub(1, Ordering::Relaxed),
            _ => 0,
        };
        changed
    }
}

impl State {
    fn is_idle_in_transaction(&self) -> bool {
        self.idle && self.transaction.is_some()
    }
}

impl Open {
    fn connect(&mut self, pid: i32, transaction: u64) {
        if !self.edges.contains(&(pid, transaction)) {
            self.edges.push((pid, transaction));
        }
    }
}

/// A lock that somebody panicked under still guards plain data.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
