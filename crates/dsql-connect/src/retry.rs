//! How often and how soon a transaction is tried again.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error_class::ErrorClass;

/// When to run a transaction again.
///
/// Pauses are drawn evenly between nothing and a bound that doubles with every failure (full jitter), so that those
/// who met in a conflict do not meet again. The first pause after [`SchemaChanged`](ErrorClass::SchemaChanged) is none:
/// the refusal has brought the connection up to date, and whoever waits may miss the next change, too.
///
/// # Defaults
///
/// | field | default | where it comes from |
/// |---|---|---|
/// | `max_attempts` | 8 | AWS's reference is 5 with jitter around the bound; full jitter waits half as long, so a few more |
/// | `base` | 50 ms | AWS's reference |
/// | `cap` | 5 s | AWS's reference, and most of its connectors |
/// | `max_total` | 30 s | ours: a tenth of the age at which the service ends a transaction |
/// | `idempotent` | false | a COMMIT with an unknown outcome is the application's to judge |
/// | `on_failure` | nobody is told | |
///
/// ```
/// use std::time::Duration;
/// use dsql_connect::{ErrorClass, RetryPolicy};
///
/// let policy = RetryPolicy::default().max_attempts(3);
/// let pause = policy.delay(1, Duration::ZERO, ErrorClass::Conflict).unwrap();
/// assert!(pause <= Duration::from_millis(50));
/// assert_eq!(policy.delay(3, Duration::ZERO, ErrorClass::Conflict), None);
/// assert_eq!(policy.delay(1, Duration::ZERO, ErrorClass::Refused), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often to run the transaction at most, the first time included. 1 never runs it again.
    pub max_attempts: u32,
    /// The bound of the first pause.
    pub base: Duration,
    /// What the bound grows to at most.
    pub cap: Duration,
    /// The time that all attempts and pauses may take together; no attempt is begun after it.
    pub max_total: Duration,
    /// Does running the transaction twice do the same as running it once? If so, it is run again also when the
    /// outcome of its COMMIT is not known.
    pub idempotent: bool,
    /// Who is told of each attempt that fails.
    listener: Listener,
}

/// An attempt that failed.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct FailedAttempt<'a> {
    /// Which one, from 1.
    pub attempt: u32,
    /// What its error means.
    pub class: ErrorClass,
    /// The error, to be printed.
    pub error: &'a (dyn fmt::Display + Sync),
    /// How long until the next attempt; none when it was the last.
    pub pause: Option<Duration>,
}

impl fmt::Debug for FailedAttempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailedAttempt")
            .field("attempt", &self.attempt)
            .field("class", &self.class)
            .field("error", &format_args!("{}", self.error))
            .field("pause", &self.pause)
            .finish()
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 8,
            base: Duration::from_millis(50),
            cap: Duration::from_secs(5),
            max_total: Duration::from_secs(30),
            idempotent: false,
            listener: Listener::default(),
        }
    }
}

impl RetryPolicy {
    /// A policy that never runs anything again.
    pub fn never() -> Self {
        Self::default().max_attempts(1)
    }

    /// Sets how often to run the transaction at most, the first time included.
    #[must_use]
    pub fn max_attempts(mut self, max_attempts: u32) -> Self {
        self.max_attempts = max_attempts;
        self
    }

    /// Sets the bound of the first pause.
    #[must_use]
    pub fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// Sets what the bound of a pause grows to at most.
    #[must_use]
    pub fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// Sets the time that all attempts and pauses may take together.
    #[must_use]
    pub fn max_total(mut self, max_total: Duration) -> Self {
        self.max_total = max_total;
        self
    }

    /// Says whether running the transaction twice does the same as running it once.
    #[must_use]
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = idempotent;
        self
    }

    /// Calls `listener` with each attempt that fails, before the pause that follows it.
    ///
    /// ```
    /// use dsql_connect::RetryPolicy;
    ///
    /// let policy = RetryPolicy::default().on_failure(|failed| {
    ///     eprintln!("attempt {}: {} ({:?})", failed.attempt, failed.error, failed.class);
    /// });
    /// # let _ = policy;
    /// ```
    #[must_use]
    pub fn on_failure(
        mut self,
        listener: impl Fn(&FailedAttempt<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.listener = Listener(Some(Arc::new(listener)));
        self
    }

    /// After an attempt has failed: tells the listener, and answers as [`delay`](Self::delay).
    pub fn failed(
        &self,
        attempt: u32,
        elapsed: Duration,
        class: ErrorClass,
        error: &(dyn fmt::Display + Sync),
    ) -> Option<Duration> {
        let pause = self.delay(attempt, elapsed, class);
        if let Some(listener) = &self.listener.0 {
            listener(&FailedAttempt {
                attempt,
                class,
                error,
                pause,
            });
        }
        pause
    }

    /// How long to wait before the next attempt; none when there is to be none.
    ///
    /// `failed` counts the attempts that failed so far, so it is 1 after the first; `elapsed` is the time since the
    /// first began; `class` is that of the last error.
    pub fn delay(&self, failed: u32, elapsed: Duration, class: ErrorClass) -> Option<Duration> {
        if !class.is_retryable(self.idempotent) || failed >= self.max_attempts {
            return None;
        }
        let bound = match class {
            ErrorClass::SchemaChanged if failed == 1 => Duration::ZERO,
            _ => self.bound(failed),
        };
        let bound = bound.as_micros();
        let bound = u64::try_from(bound).unwrap_or(u64::MAX - 1);
        let pause = Duration::from_micros(fastrand::u64(0..=bound));
        (elapsed.saturating_add(pause) <= self.max_total).then_some(pause)
    }

    /// The most that the pause after so many failures can be.
    fn bound(&self, failed: u32) -> Duration {
        let doublings = failed.saturating_sub(1).min(31);
        self.base.saturating_mul(1 << doublings).min(self.cap)
    }
}

type OnFailure = dyn Fn(&FailedAttempt<'_>) + Send + Sync;

#[derive(Clone, Default)]
struct Listener(Option<Arc<OnFailure>>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Some(_)" } else { "None" })
    }
}

impl PartialEq for Listener {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }
}

impl Eq for Listener {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_bound_doubles_up_to_the_cap() {
        let policy = RetryPolicy::default();
        let bounds: Vec<u128> = (1..=9).map(|n| policy.bound(n).as_millis()).collect();
        assert_eq!(bounds, [50, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    }

    #[test]
    fn pauses_are_spread_over_the_whole_bound() {
        let policy = RetryPolicy::default();
        let mut pauses: Vec<Duration> = (0..1000)
            .filter_map(|_| policy.delay(1, Duration::ZERO, ErrorClass::Conflict))
            .collect();
        pauses.sort();
        assert!(pauses[100] < Duration::from_millis(12), "{:?}", pauses[100]);
        assert!(pauses[900] > Duration::from_millis(38), "{:?}", pauses[900]);
        pauses.dedup();
        assert!(pauses.len() > 500);
    }

    #[test]
    fn who_was_out_of_date_tries_again_at_once_and_then_with_pauses() {
        let policy = RetryPolicy::default();
        let pause = |failed| policy.delay(failed, Duration::ZERO, ErrorClass::SchemaChanged);
        assert_eq!(pause(1), Some(Duration::ZERO));
        assert!((0..100).any(|_| pause(2) > Some(Duration::from_millis(1))));
    }

    #[test]
    fn no_attempt_is_begun_after_the_total_time() {
        let policy = RetryPolicy::default();
        assert_eq!(
            policy.delay(1, Duration::from_millis(30_001), ErrorClass::Conflict),
            None
        );
    }

    #[test]
    fn an_unknown_outcome_is_tried_again_only_when_twice_does_no_harm() {
        let policy = RetryPolicy::default();
        assert_eq!(policy.delay(1, Duration::ZERO, ErrorClass::Ambiguous), None);
        let policy = policy.idempotent(true);
        assert!(
            policy
                .delay(1, Duration::ZERO, ErrorClass::Ambiguous)
                .is_some()
        );
    }

    #[test]
    fn never_is_never() {
        assert_eq!(
            RetryPolicy::never().delay(1, Duration::ZERO, ErrorClass::Conflict),
            None
        );
    }

    proptest! {
        #[test]
        fn any_numbers_will_do(failed: u32, attempts: u32, base: u64, cap: u64, elapsed: u64) {
            let policy = RetryPolicy::default()
                .max_attempts(attempts)
                .base(Duration::from_secs(base))
                .cap(Duration::from_secs(cap))
                .max_total(Duration::MAX);
            if let Some(pause) = policy.delay(failed, Duration::from_secs(elapsed), ErrorClass::Conflict) {
                prop_assert!(pause <= Duration::from_secs(cap));
            }
        }
    }
}
