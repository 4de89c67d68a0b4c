//! One timer for all sessions that wait.
//!
//! A timer of its own for each wait would have the thread wake itself, by a system call, whenever one is set.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

/// From one beat to the next.
const PERIOD: Duration = Duration::from_millis(1);

/// How many beats nobody has waited for before it rests. To rest and to begin again costs more than a few beats.
const BEFORE_REST: u32 = 100;

/// Beats while somebody waits.
#[derive(Debug, Default)]
pub(crate) struct Beat {
    beaten: Notify,
    wanted: Notify,
    waiting: AtomicUsize,
}

impl Beat {
    /// Waits for so many beats: that many milliseconds, or up to one less. Never ends where nobody [runs](Self::run) it.
    pub(crate) async fn wait(&self, beats: u32) {
        let _waiting = Waiting::enter(self);
        for _ in 0..beats {
            self.beaten.notified().await;
        }
    }

    /// Beats for as long as it is polled.
    pub(crate) async fn run(&self) {
        loop {
            self.wanted.notified().await;
            let mut period = tokio::time::interval(PERIOD);
            period.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut in_vain = 0;
            while in_vain < BEFORE_REST {
                period.tick().await;
                self.beaten.notify_waiters();
                let nobody = self.waiting.load(Ordering::Relaxed) == 0;
                in_vain = if nobody { in_vain + 1 } else { 0 };
            }
        }
    }
}

/// Counts among those who wait.
struct Waiting<'a>(&'a Beat);

impl<'a> Waiting<'a> {
    fn enter(beat: &'a Beat) -> Self {
        beat.waiting.fetch_add(1, Ordering::Relaxed);
        beat.wanted.notify_one();
        Self(beat)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_is_told_again_and_again_also_after_a_rest() {
        let beat = Beat::default();
        let waits = async {
            for rest in [1, 2 * BEFORE_REST, 2 * BEFORE_REST] {
                let began = tokio::time::Instant::now();
                beat.wait(3).await;
                assert!(began.elapsed() >= PERIOD * 2);
                tokio::time::sleep(PERIOD * rest).await;
            }
        };
        tokio::select! {
            () = beat.run() => unreachable!("it beats for ever"),
            waited = tokio::time::timeout(Duration::from_secs(30), waits) => waited.unwrap(),
        }
        assert_eq!(beat.waiting.load(Ordering::Relaxed), 0);
    }
}
