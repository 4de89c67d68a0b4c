//! Faults on demand: what the service does rarely, done here when it is asked for.
//!
//! Two sources: rates, from which a seeded generator draws, and a queue of single faults that a test has ordered. A
//! session asks at two points: before a statement, and before a commit. Each point is one draw of the session's own
//! generator, which is seeded with the cluster's seed and the session's number; so what others do meanwhile does not
//! matter.

mod fault;
mod rates;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use self::fault::{Fault, FaultCounts, Moment};
pub use self::rates::{FaultRates, ParseError, parse_duration};

use self::fault::What;
use self::rates::Rate;

/// The faults of one cluster.
#[derive(Debug)]
pub(crate) struct Injector {
    rates: FaultRates,
    seed: u64,
    sessions: AtomicU64,
    /// There are rates, or ordered faults: all that a session looks at while there are none.
    armed: AtomicBool,
    ordered: Mutex<VecDeque<Fault>>,
    counts: Mutex<FaultCounts>,
}

/// What is to be done to a session now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// 40001 OC000; the transaction is rolled back.
    Conflict,
    /// 40001 OC001; the transaction is rolled back.
    Schema,
    /// XX000.
    Unavailable,
    /// The connection is dropped.
    Disconnect,
}

/// What is to be done at a commit, and on which side of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CommitMishap {
    pub(crate) mishap: Mishap,
    /// The commit goes through, and its answer is lost.
    pub(crate) committed: bool,
}

/// What is about to be committed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Committing<'a> {
    /// The statement that commits: COMMIT, or one that does so by itself.
    pub(crate) sql: &'a str,
    /// Rows were changed or locked, or the catalog changed.
    pub(crate) wrote: bool,
    /// The texts of what had an effect.
    pub(crate) statements: &'a [&'a str],
    /// The client awaits nothing behind this commit, so that it may be committed before its answer is lost.
    pub(crate) may_lose_answer: bool,
}

/// A session's own generator.
#[derive(Debug)]
pub(crate) struct Draws {
    session: u64,
    drawn: u64,
}

impl Injector {
    pub(crate) fn new(rates: FaultRates, seed: u64) -> Self {
        Self {
            armed: AtomicBool::new(!rates.is_empty()),
            rates,
            seed,
            sessions: AtomicU64::new(0),
            ordered: Mutex::default(),
            counts: Mutex::default(),
        }
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn counts(&self) -> FaultCounts {
        let mut counts = *lock(&self.counts);
        counts.ordered = (lock(&self.ordered).iter()).map(|fault| fault.times).sum();
        counts
    }

    pub(crate) fn order(&self, fault: Fault) {
        if fault.times > 0 {
            lock(&self.ordered).push_back(fault);
            self.armed.store(true, Ordering::Release);
        }
    }

    /// The generator of the session that begins now.
    pub(crate) fn enter(&self) -> Draws {
        Draws {
            session: self.sessions.fetch_add(1, Ordering::Relaxed),
            drawn: 0,
        }
    }

    pub(crate) fn is_armed(&self) -> bool {
        self.armed.load(Ordering::Acquire)
    }

    /// How long a batch of messages that begins with the text `sql` is to be held up.
    pub(crate) fn delay(&self, draws: &mut Draws, sql: Option<&str>) -> Option<Duration> {
        let ordered = self.take(|fault| match fault.what {
            What::Slow(delay) if fault.is_about(sql.as_slice()) => Some(delay),
            _ => None,
        });
        let delay = ordered.or_else(|| {
            let slow = self.rates.slow?;
            (self.draw(draws) < slow.rate.0).then_some(slow.delay)
        })?;
        lock(&self.counts).slow += 1;
        Some(delay)
    }

    /// What befalls the statement `sql`, which commits nothing by itself.
    pub(crate) fn at_statement(&self, draws: &mut Draws, sql: &str) -> Option<Mishap> {
        let ordered = self.take(|fault| {
            let mishap = match fault.what {
                What::Schema => Mishap::Schema,
                What::Unavailable(Moment::BeforeStatement) => Mishap::Unavailable,
                What::Disconnect(Moment::BeforeStatement) => Mishap::Disconnect,
                _ => return None,
            };
            fault.is_about(&[sql]).then_some(mishap)
        });
        let mishap = ordered.or_else(|| {
            let rates = &self.rates;
            self.pick(
                draws,
                &[
                    (rates.schema, Mishap::Schema),
                    (rates.unavailable, Mishap::Unavailable),
                    (rates.disconnect, Mishap::Disconnect),
                ],
            )
        })?;
        lock(&self.counts).add(mishap);
        Some(mishap)
    }

    /// What befalls a commit.
    pub(crate) fn at_commit(
        &self,
        draws: &mut Draws,
        commit: Committing<'_>,
    ) -> Option<CommitMishap> {
        let ordered = self.take(|fault| {
            let (mishap, moment) = match fault.what {
                What::Conflict if commit.wrote => (Mishap::Conflict, Moment::BeforeCommit),
                What::Schema => (Mishap::Schema, Moment::BeforeStatement),
                What::Unavailable(moment) => (Mishap::Unavailable, moment),
                What::Disconnect(moment) => (Mishap::Disconnect, moment),
                _ => return None,
            };
            let committed = moment == Moment::AfterCommit;
            // What commits is a statement, too.
            let about = match moment {
                Moment::BeforeStatement => fault.is_about(&[commit.sql]),
                _ => fault.is_about(commit.statements),
            };
            let fits = about && (commit.may_lose_answer || !committed);
            fits.then_some(CommitMishap { mishap, committed })
        });
        let mishap = ordered.or_else(|| {
            let rates = &self.rates;
            let conflict = if commit.wrote {
                rates.conflict
            } else {
                Rate::NEVER
            };
            let mishap = self.pick(
                draws,
                &[
                    (conflict, Mishap::Conflict),
                    (rates.schema, Mishap::Schema),
                    (rates.unavailable, Mishap::Unavailable),
                    (rates.disconnect, Mishap::Disconnect),
                ],
            );
            let committed = self.draw(draws) < 0.5
                && commit.may_lose_answer
                && matches!(mishap, Some(Mishap::Unavailable | Mishap::Disconnect));
            mishap.map(|mishap| CommitMishap { mishap, committed })
        })?;
        lock(&self.counts).add(mishap.mishap);
        Some(mishap)
    }

    /// The oldest ordered fault that `fits`, once less.
    fn take<T>(&self, fits: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        let mut ordered = lock(&self.ordered);
        let (index, found) =
            (ordered.iter().enumerate()).find_map(|(index, fault)| Some((index, fits(fault)?)))?;
        if let Some(fault) = ordered.get_mut(index) {
            fault.times -= 1;
            if fault.times == 0 {
                ordered.remove(index);
            }
        }
        if ordered.is_empty() && self.rates.is_empty() {
            self.armed.store(false, Ordering::Release);
        }
        Some(found)
    }

    /// One draw among kinds whose rates are laid end to end.
    fn pick(&self, draws: &mut Draws, kinds: &[(Rate, Mishap)]) -> Option<Mishap> {
        let drawn = self.draw(draws);
        let mut end = 0.0;
        for (rate, mishap) in kinds {
            end += rate.0;
            if drawn < end {
                return Some(*mishap);
            }
        }
        None
    }

    /// A number from 0 to 1 that hangs on the seed, the session's number, and how many it has drawn.
    fn draw(&self, draws: &mut Draws) -> f64 {
        draws.drawn += 1;
        let bits = mix(mix(mix(self.seed) ^ draws.session) ^ draws.drawn);
        #[expect(clippy::cast_precision_loss, reason = "53 bits are what a float holds")]
        let drawn = (bits >> 11) as f64 / (1_u64 << 53) as f64;
        drawn
    }
}

/// The finalizer of SplitMix64: written out, so that a seed means the same in every version.
fn mix(value: u64) -> u64 {
    let mut bits = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// A lock that somebody panicked under still guards plain data.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: Committing<'static> = Committing {
        sql: "COMMIT",
        wrote: true,
        statements: &["UPDATE t SET a = 1"],
        may_lose_answer: true,
    };

    fn injector(rates: &str, seed: u64) -> Injector {
        Injector::new(rates.parse().unwrap(), seed)
    }

    fn commits(injector: &Injector) -> Vec<Option<CommitMishap>> {
        let mut draws = injector.enter();
        (0..200)
            .map(|_| injector.at_commit(&mut draws, WRITE))
            .collect()
    }

    #[test]
    fn a_seed_gives_the_same_faults_again_and_another_gives_others() {
        let rates = "conflict=20%,unavailable=10%,disconnect=10%";
        let first = commits(&injector(rates, 7));
        assert_eq!(first, commits(&injector(rates, 7)));
        assert_ne!(first, commits(&injector(rates, 8)));
        let two = injector(rates, 7);
        assert_eq!(first, commits(&two));
        assert_ne!(first, commits(&two), "each session has its own");
        let lost = |fault: &&Option<CommitMishap>| fault.is_some_and(|fault| fault.committed);
        let faults = first.iter().flatten().count();
        assert!((50..110).contains(&faults), "{faults}");
        assert!(first.iter().any(|fault| lost(&fault)));
        let conflicts = |fault: &CommitMishap| fault.mishap == Mishap::Conflict;
        assert!((first.iter().flatten()).all(|fault| !(conflicts(fault) && fault.committed)));
    }

    #[test]
    fn what_only_read_has_no_conflict() {
        let injector = injector("conflict=100%", 1);
        let read = Committing {
            wrote: false,
            ..WRITE
        };
        let mut draws = injector.enter();
        assert_eq!(injector.at_commit(&mut draws, read), None);
        assert!(injector.at_commit(&mut draws, WRITE).is_some());
    }

    #[test]
    fn ordered_faults_come_as_often_as_they_were_ordered_and_where() {
        let injector = Injector::new(FaultRates::default(), 1);
        let mut draws = injector.enter();
        assert!(!injector.is_armed());
        injector.order(Fault::conflict().times(2).containing("account"));
        injector.order(Fault::unavailable(Moment::BeforeStatement).containing("SELECT 7"));
        assert_eq!(injector.counts().ordered, 3);
        assert_eq!(injector.at_commit(&mut draws, WRITE), None);
        assert_eq!(injector.at_statement(&mut draws, "SELECT 1"), None);
        let about = Committing {
            statements: &["UPDATE account SET a = 1"],
            ..WRITE
        };
        assert!(injector.at_commit(&mut draws, about).is_some());
        assert!(injector.at_commit(&mut draws, about).is_some());
        assert_eq!(injector.at_commit(&mut draws, about), None);
        assert!(injector.is_armed());
        assert_eq!(
            injector.at_statement(&mut draws, "SELECT 7"),
            Some(Mishap::Unavailable)
        );
        assert!(!injector.is_armed());
        assert_eq!(
            (injector.counts().conflict, injector.counts().ordered),
            (2, 0)
        );
    }
}
