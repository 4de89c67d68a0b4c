//! Who may come in: how many at once, and how many a second.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::limits::Limits;
use crate::wire::backend::ServerError;

/// Counts the connections of a cluster, and refills its bucket of new ones.
#[derive(Debug)]
pub(crate) struct Door {
    open: Arc<AtomicU64>,
    bucket: Mutex<Bucket>,
}

/// A connection that has come in; it has left when this is dropped.
#[derive(Debug)]
pub(crate) struct Visit {
    open: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Bucket {
    /// New connections that may come now, fractions of one included.
    tokens: f64,
    filled: Instant,
}

impl Door {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            open: Arc::default(),
            bucket: Mutex::new(Bucket {
                tokens: count(limits.burst),
                filled: Instant::now(),
            }),
        }
    }

    /// Lets one more in, or says why not.
    pub(crate) fn enter(&self, limits: &Limits) -> Result<Visit, ServerError> {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        if !bucket.take(limits, Instant::now()) {
            return Err(ServerError::new(
                "53400",
                "Unable to accept connection, rate exceeded.",
            ));
        }
        let visit = Visit {
            open: Arc::clone(&self.open),
        };
        if self.open.fetch_add(1, Ordering::Relaxed) >= limits.connections {
            return Err(too_many());
        }
        Ok(visit)
    }
}

/// What one more connection than there may be is told.
pub(crate) fn too_many() -> ServerError {
    ServerError::new(
        "53300",
        "Unable to accept connection, too many open connections.",
    )
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Bucket {
    fn take(&mut self, limits: &Limits, now: Instant) -> bool {
        let seconds = now.duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.tokens = (self.tokens + seconds * count(limits.rate)).min(count(limits.burst));
        let may = self.tokens >= 1.0;
        if may {
            self.tokens -= 1.0;
        }
        may
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "nobody counts connections beyond 2^52"
)]
fn count(limit: u64) -> f64 {
    limit as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_used_up_burst_comes_back_at_the_rate() {
        let limits: Limits = "burst=3,rate=2".parse().unwrap();
        let began = Instant::now();
        let mut bucket = Bucket {
            tokens: 3.0,
            filled: began,
        };
        let mut at = |millis| bucket.take(&limits, began + Duration::from_millis(millis));
        assert_eq!([at(0), at(0), at(0), at(0)], [true, true, true, false]);
        assert_eq!([at(400), at(500), at(510)], [false, true, false]);
        assert_eq!(
            [at(60_000), at(60_000), at(60_000), at(60_000)],
            [true, true, true, false]
        );
    }

    #[test]
    fn who_leaves_makes_room() {
        let limits: Limits = "connections=1".parse().unwrap();
        let door = Door::new(&limits);
        let first = door.enter(&limits).unwrap();
        assert_eq!(door.enter(&limits).unwrap_err().sqlstate, "53300");
        drop(first);
        assert!(door.enter(&limits).is_ok());
    }
}
