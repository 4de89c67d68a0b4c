//! A single fault, ordered by a test.

use std::time::Duration;

use super::Mishap;

/// A fault that a test orders: it befalls the next statement or commit that it fits, of whichever session.
///
/// ```
/// use dsql_local::{Fault, Moment};
///
/// Fault::conflict(); // the next commit that changed something
/// Fault::conflict().times(3); // the next three
/// Fault::disconnect(Moment::AfterCommit).containing("INSERT INTO visit");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(super) what: What,
    pub(super) containing: Option<String>,
    pub(super) times: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Conflict,
    Schema,
    Unavailable(Moment),
    Disconnect(Moment),
    Slow(Duration),
}

/// When a fault comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Moment {
    /// Instead of a statement, whatever it is; ROLLBACK is spared.
    BeforeStatement,
    /// Instead of a COMMIT, or of a statement that commits by itself. Nothing is committed.
    BeforeCommit,
    /// Behind a commit that went through: its answer is lost, so that the client cannot know.
    AfterCommit,
}

/// How many faults a cluster has made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultCounts {
    /// Commits refused with OC000.
    pub conflict: u64,
    /// Statements and commits refused with OC001.
    pub schema: u64,
    /// `server unavailable`.
    pub unavailable: u64,
    /// Connections dropped.
    pub disconnect: u64,
    /// Delays.
    pub slow: u64,
    /// Faults that were ordered and have not come yet.
    pub ordered: u32,
}

impl Fault {
    /// The next commit of a transaction that changed or locked rows, or of a statement that does so by itself, is
    /// refused with 40001 OC000.
    pub fn conflict() -> Self {
        Self::of(What::Conflict)
    }

    /// The next statement or commit is refused with 40001 OC001.
    pub fn schema() -> Self {
        Self::of(What::Schema)
    }

    /// `server unavailable` (XX000). The connection stays.
    pub fn unavailable(moment: Moment) -> Self {
        Self::of(What::Unavailable(moment))
    }

    /// The connection is dropped without a word.
    pub fn disconnect(moment: Moment) -> Self {
        Self::of(What::Disconnect(moment))
    }

    /// The next batch of messages is answered that much later. With the simple protocol a batch is a string; with the
    /// extended one, what stands before a Sync: its first Parse is the text that [`containing`](Self::containing) asks.
    pub fn slow(delay: Duration) -> Self {
        Self::of(What::Slow(delay))
    }

    /// Only what has `text` in it, as written: the statement, or at a commit one of the transaction's statements that
    /// had an effect.
    #[must_use]
    pub fn containing(mut self, text: impl Into<String>) -> Self {
        self.containing = Some(text.into());
        self
    }

    /// As often as this, one after the other.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    fn of(what: What) -> Self {
        Self {
            what,
            containing: None,
            times: 1,
        }
    }

    pub(super) fn is_about(&self, statements: &[&str]) -> bool {
        match &self.containing {
            Some(text) => statements.iter().any(|sql| sql.contains(text.as_str())),
            None => true,
        }
    }
}

impl FaultCounts {
    /// Delays not counted: everything that a client had to deal with.
    pub fn failures(&self) -> u64 {
        self.conflict + self.schema + self.unavailable + self.disconnect
    }

    pub(super) fn add(&mut self, mishap: Mishap) {
        *match mishap {
            Mishap::Conflict => &mut self.conflict,
            Mishap::Schema => &mut self.schema,
            Mishap::Unavailable => &mut self.unavailable,
            Mishap::Disconnect => &mut self.disconnect,
        } += 1;
    }
}
