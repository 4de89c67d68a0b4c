//! Changes of the schema that went through a pool, and its connections that have yet to learn of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};

use crate::error::ErrorExt as _;
use crate::transaction::forget_statements;

/// SQLx gives a connection back to its pool by a task of its own.
const ON_ITS_WAY: Duration = Duration::from_millis(50);

/// When the schema was last changed through a pool.
#[derive(Clone, Debug)]
pub(crate) struct SchemaChanges {
    origin: Instant,
    /// Nanoseconds after `origin`; 0 for never.
    last: Arc<AtomicU64>,
}

impl SchemaChanges {
    pub(crate) fn new() -> Self {
        Self {
            origin: Instant::now(),
            last: Arc::default(),
        }
    }

    /// The schema has been changed just now.
    pub(crate) fn note(&self) {
        self.last.fetch_max(self.now().max(1), Ordering::AcqRel);
    }

    /// Whether the schema was changed while a connection was idle, which it
    /// has been for so long, or so shortly before that it was on its way back.
    pub(crate) fn missed_by(&self, idle_for: Duration) -> bool {
        // The clock is not asked where nothing has changed yet.
        self.last.load(Ordering::Acquire) != 0
            && self.missed_since(self.now().saturating_sub(nanoseconds(idle_for)))
    }

    fn missed_since(&self, idle_since: u64) -> bool {
        let last = self.last.load(Ordering::Acquire);
        last != 0 && idle_since <= last.saturating_add(nanoseconds(ON_ITS_WAY))
    }

    fn now(&self) -> u64 {
        nanoseconds(self.origin.elapsed())
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Makes a connection know the present schema, as a new one does: on the
/// service, setting `search_path` makes it look, and so does the refusal that
/// it is out of date.
pub(crate) async fn refresh(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    match set_search_path(connection).await {
        Err(error) if !error.is_stale_schema() => return Err(error),
        _ => {}
    }
    forget_statements(connection).await;
    Ok(())
}

/// Sets it to what it is.
async fn set_search_path(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let row = connection.fetch_one("SHOW search_path").await?;
    let path: String = row.try_get(0)?;
    // As it is shown it can be set, but for an empty one.
    let path = if path.is_empty() { "''" } else { &path };
    let set = format!("SET search_path = {path}");
    connection.execute(AssertSqlSafe(set)).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_missed_by_connections_that_were_idle_when_it_came() {
        let changes = SchemaChanges::new();
        assert!(!changes.missed_by(Duration::from_secs(60)));
        changes.note();
        let last = changes.last.load(Ordering::Acquire);
        assert!(changes.missed_since(0) && changes.missed_since(last));
        let later = last + nanoseconds(ON_ITS_WAY) + 1;
        assert!(changes.missed_since(later - 1) && !changes.missed_since(later));
    }
}
