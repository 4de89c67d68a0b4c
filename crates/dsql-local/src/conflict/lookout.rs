//! Looks after statements that PostgreSQL has not answered: who is in their way?
//!
//! One timer and one question for all of them. A timer of its own for each statement would have the thread wake itself, by
//! a system call, whenever one is set; and where many wait, their questions would wait for each other.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

use super::{Registry, Wanted, Wound, lock};
use crate::catalog::connect_as_superuser;
use crate::status::{self, Met};
use crate::upstream::{Address, Upstream};

/// How often it is seen to who is due.
const PERIOD: Duration = Duration::from_millis(1);
/// A statement that may wait for locks is looked after when it has run this long.
const FIRST_LOOK: Duration = Duration::from_millis(1);
/// How often it is looked after while somebody is in its way.
const NEXT_LOOK: Duration = Duration::from_millis(2);
/// How rarely it is looked after at last when nobody is.
const LAST_LOOK: Duration = Duration::from_millis(50);
/// How many periods in a row nobody has waited in before the lookout rests. To rest and to begin again costs more than a
/// few of them.
const BEFORE_REST: u32 = 100;

/// The statements that wait, by the process that is at work on each.
#[derive(Debug, Default)]
pub(super) struct Lookout {
    waiters: Mutex<HashMap<i32, Waiter>>,
    entered: Notify,
}

#[derive(Debug)]
struct Waiter {
    due: Instant,
    /// From the last look to the next.
    delay: Duration,
    /// Lives as long as the wait; made at the first look.
    waiting: Option<Arc<()>>,
}

/// A statement that is looked after, until this is dropped.
#[derive(Debug)]
pub(super) struct Waiting<'a> {
    lookout: &'a Lookout,
    pid: i32,
}

/// Who is looked after now.
struct Due {
    pid: i32,
    waiting: Weak<()>,
}

impl Lookout {
    pub(super) fn enter(&self, pid: i32) -> Waiting<'_> {
        let waiter = Waiter {
            due: Instant::now() + FIRST_LOOK,
            delay: FIRST_LOOK,
            waiting: None,
        };
        lock(&self.waiters).insert(pid, waiter);
        self.entered.notify_one();
        Waiting { lookout: self, pid }
    }

    fn due(&self, now: Instant) -> Vec<Due> {
        (lock(&self.waiters).iter_mut())
            .filter(|(_, waiter)| waiter.due <= now)
            .map(|(pid, waiter)| Due {
                pid: *pid,
                waiting: Arc::downgrade(waiter.waiting.get_or_insert_default()),
            })
            .collect()
    }

    /// Whoever of `looked_after` waits still is looked after again: soon, if `soon` says so.
    fn put_off(&self, looked_after: &[Due], soon: impl Fn(i32) -> bool) {
        let mut waiters = lock(&self.waiters);
        for Due { pid, waiting } in looked_after {
            if waiting.strong_count() > 0
                && let Some(waiter) = waiters.get_mut(pid)
            {
                waiter.delay = if soon(*pid) {
                    NEXT_LOOK
                } else {
                    (waiter.delay * 2).min(LAST_LOOK)
                };
                waiter.due = Instant::now() + waiter.delay;
            }
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        lock(&self.lookout.waiters).remove(&self.pid);
    }
}

impl Registry {
    /// Moves those aside who are idle and in the way of others, for as long as it is polled.
    pub(crate) async fn look_out(&self, address: Address) {
        let mut monitor = Monitor {
            address,
            connection: None,
        };
        loop {
            self.lookout.entered.notified().await;
            let mut period = tokio::time::interval(PERIOD);
            period.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut in_vain = 0;
            while in_vain < BEFORE_REST {
                period.tick().await;
                let nobody = lock(&self.lookout.waiters).is_empty();
                in_vain = if nobody { in_vain + 1 } else { 0 };
                let due = self.lookout.due(Instant::now());
                if due.is_empty() {
                    continue;
                }
                if self.idle.load(Ordering::Relaxed) == 0 {
                    // Whoever they wait for, if for anybody, is at work; it may be idle in a moment.
                    self.lookout.put_off(&due, |_| true);
                    continue;
                }
                let blocked = self.clear_the_way(&mut monitor, &due).await;
                let blocked = blocked.unwrap_or_else(|error| {
                    // Sessions notice by themselves when PostgreSQL is gone.
                    tracing::warn!(%error, "it could not be asked who waits for whom");
                    Vec::new()
                });
                (self.lookout).put_off(&due, |pid| {
                    blocked.iter().any(|(waiter, ..)| *waiter == pid)
                });
            }
        }
    }

    /// Gives who stood in whose way.
    async fn clear_the_way(&self, monitor: &mut Monitor, due: &[Due]) -> io::Result<Vec<Blocked>> {
        let blocked = monitor.blocked(due).await?;
        self.tell_cards(monitor, &blocked).await?;
        for (waiter, blocker, wound) in &blocked {
            // While the question was under way the wait may have ended, and its session have gone on.
            if let Some(holder) = self.session(*blocker)
                && let Some(due) = due.iter().find(|due| due.pid == *waiter)
                && due.waiting.strong_count() > 0
            {
                let wanted = Wanted {
                    waiter: *waiter,
                    wound: *wound,
                    waiting: due.waiting.clone(),
                };
                self.ask_to_yield(&holder, wanted);
            }
        }
        Ok(blocked)
    }

    /// Enters on the cards of those who meet at a row whom they meet, and where.
    async fn tell_cards(&self, monitor: &mut Monitor, blocked: &[Blocked]) -> io::Result<()> {
        for (waiter, blocker, wound) in blocked {
            let (Some(waiting), Some(holder)) = (self.session(*waiter), self.session(*blocker))
            else {
                continue;
            };
            if !waiting.card.is_shown() || *wound != Wound::Row {
                continue;
            }
            let (table, key) = monitor.row(*waiter).await?.unwrap_or_default();
            for (one, other) in [(&waiting, &holder), (&holder, &waiting)] {
                one.card.meets(Met {
                    table: table.clone(),
                    key: key.clone(),
                    other: other.card.side(),
                });
            }
        }
        Ok(())
    }
}

/// Who waits, for whom, and for what.
type Blocked = (i32, i32, Wound);

/// Asks PostgreSQL who waits for whom.
#[derive(Debug)]
struct Monitor {
    address: Address,
    connection: Option<Upstream>,
}

impl Monitor {
    async fn blocked(&mut self, due: &[Due]) -> io::Result<Vec<Blocked>> {
        let pids: Vec<String> = due.iter().map(|due| due.pid.to_string()).collect();
        let rows = self
            .rows(&format!(
                // Not pg_locks, which reads all locks that there are. What one waits for is asked only if it waits.
                "SELECT waiter, blocker, (SELECT a.wait_event IN ('transactionid', 'tuple', 'spectoken') \
                 FROM pg_catalog.pg_stat_get_activity(waiter) a WHERE a.wait_event_type = 'Lock') \
                 FROM pg_catalog.unnest('{{{}}}'::int[]) waiter, \
                 pg_catalog.unnest(pg_catalog.pg_blocking_pids(waiter)) blocker",
                pids.join(",")
            ))
            .await?;
        let blocked = rows.into_iter().filter_map(|row| match row.as_slice() {
            [Some(waiter), Some(blocker), Some(is_row)] => {
                let wound = if is_row == "t" {
                    Wound::Row
                } else {
                    Wound::Schema
                };
                Some((waiter.parse().ok()?, blocker.parse().ok()?, wound))
            }
            _ => None,
        });
        Ok(blocked.collect())
    }

    /// The row that `pid` waits for, where it waits for one that is there: its table and its primary key.
    async fn row(&mut self, pid: i32) -> io::Result<Option<(String, String)>> {
        let places = self
            .rows(&format!(
                "SELECT {}, l.page, l.tuple FROM pg_catalog.pg_locks l \
                 JOIN pg_catalog.pg_class c ON c.oid = l.relation \
                 WHERE l.pid = {pid} AND l.locktype = 'tuple' LIMIT 1",
                status::TABLE_AND_KEY
            ))
            .await?;
        let Some([Some(table), key, Some(page), Some(tuple)]) = places.first().map(Vec::as_slice)
        else {
            return Ok(None);
        };
        let Some(key) = key else {
            return Ok(Some((table.clone(), String::new())));
        };
        let sql = format!("SELECT {key} FROM {table} WHERE ctid = '({page},{tuple})'");
        let keys = self.rows(&sql).await?;
        let key = keys.into_iter().flatten().next().flatten();
        Ok(Some((table.clone(), key.unwrap_or_default())))
    }

    async fn rows(&mut self, sql: &str) -> io::Result<Vec<Vec<Option<String>>>> {
        // Taken out while it is used: after an error the next question has a connection of its own.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect_as_superuser(&self.address).await?,
        };
        let answer = connection.rows(sql, None).await?;
        self.connection = Some(connection);
        answer.map_err(|error| io::Error::other(error.message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_due_after_a_while_and_then_more_and_more_rarely() {
        let lookout = Lookout::default();
        let waiting = lookout.enter(7);
        let began = Instant::now();
        assert!(lookout.due(began).is_empty());
        let mut at = began + FIRST_LOOK;
        for expected in [2, 4, 8, 16, 32, 50, 50] {
            let due = lookout.due(at);
            assert_eq!(due.len(), 1);
            lookout.put_off(&due, |_| false);
            assert_eq!(lookout.due(at).len(), 0);
            assert_eq!(lock(&lookout.waiters)[&7].delay.as_millis(), expected);
            at = lock(&lookout.waiters)[&7].due;
        }
        lookout.put_off(&lookout.due(at), |pid| pid == 7);
        assert_eq!(lock(&lookout.waiters)[&7].delay, NEXT_LOOK);
        drop(waiting);
        assert!(lookout.due(at + LAST_LOOK).is_empty());
    }

    #[test]
    fn what_is_found_of_one_statement_does_not_put_off_the_next() {
        let lookout = Lookout::default();
        let first = lookout.enter(7);
        let due = lookout.due(Instant::now() + FIRST_LOOK);
        drop(first);
        let _second = lookout.enter(7);
        lookout.put_off(&due, |_| false);
        assert_eq!(lookout.due(Instant::now() + FIRST_LOOK).len(), 1);
    }
}
