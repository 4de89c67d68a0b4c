//! What the runner of a plan tells while it works and when it has ended.

use std::fmt;
use std::time::Duration;

use dsql_sql::Note;

use crate::lock::Holder;

/// Which step of a plan, counted from 1. A step whose plan hangs on the
/// catalog has sub-steps, and prints as `4.2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct StepNumber {
    /// The step of the plan.
    pub step: usize,
    /// The step of its own plan.
    pub sub_step: Option<usize>,
}

impl StepNumber {
    pub(crate) fn new(step: usize) -> Self {
        Self {
            step,
            sub_step: None,
        }
    }

    pub(crate) fn sub(self, sub_step: usize) -> Self {
        Self {
            sub_step: Some(sub_step),
            ..self
        }
    }
}

impl fmt::Display for StepNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.step)?;
        match self.sub_step {
            Some(sub_step) => write!(f, ".{sub_step}"),
            None => Ok(()),
        }
    }
}

/// What the runner of a plan is doing, told as it goes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Another runner is at work; this one waits for it.
    #[non_exhaustive]
    Locked {
        /// Who it is.
        holder: &'a Holder,
    },
    /// A piece of recorded code begins, or goes on: a migration.
    #[non_exhaustive]
    Work {
        /// Its name, such as `up m20260101_cakes`.
        name: &'a str,
        /// Statements that an interrupted run has recorded.
        recorded: usize,
    },
    /// An unfinished run is continued.
    #[non_exhaustive]
    Resumed {
        /// Steps that are done already.
        done: usize,
        /// Of how many.
        steps: usize,
        /// When the run was begun, in UTC.
        started_at: &'a str,
    },
    /// A step begins, or is continued.
    #[non_exhaustive]
    Started {
        /// Which step.
        step: StepNumber,
        /// How many steps the plan has.
        steps: usize,
        /// The statement; for batches, the first of them.
        statement: &'a str,
    },
    /// The catalog was looked up, and the step is these steps.
    #[non_exhaustive]
    Planned {
        /// Which step.
        step: StepNumber,
        /// How many steps it has become.
        sub_steps: usize,
        /// What was changed and what now behaves differently.
        notes: &'a [Note],
    },
    /// The statement was taken and a job does the rest.
    #[non_exhaustive]
    Waiting {
        /// Which step.
        step: StepNumber,
        /// The job, as `sys.jobs` knows it.
        job_id: &'a str,
    },
    /// A batch was committed.
    #[non_exhaustive]
    Batch {
        /// Which step.
        step: StepNumber,
        /// Rows changed by the step so far.
        rows: u64,
    },
    /// A statement met a conflict, or the connection was lost; it is run
    /// again.
    #[non_exhaustive]
    Retried {
        /// Which step.
        step: StepNumber,
        /// Why.
        error: &'a sqlx::Error,
    },
    /// The step is done.
    #[non_exhaustive]
    Finished {
        /// Which step.
        step: StepNumber,
        /// What it did.
        report: &'a StepReport,
    },
}

impl<'a> Progress<'a> {
    /// For who takes the [lock](crate::DsqlPool::lock) itself.
    pub fn locked(holder: &'a Holder) -> Self {
        Self::Locked { holder }
    }

    /// For who [records](crate::Recorder) code.
    pub fn work(name: &'a str, recorded: usize) -> Self {
        Self::Work { name, recorded }
    }
}

/// What a plan did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// One entry a step, in order. A step that became several has one for all
    /// of them.
    pub steps: Vec<StepReport>,
    /// Steps that an earlier run had done, which have no entry.
    pub already_done: usize,
}

impl Report {
    /// Rows changed by all steps together.
    pub fn rows(&self) -> u64 {
        self.steps.iter().map(|step| step.rows).sum()
    }
}

/// What one step did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepReport {
    /// The statement; for batches, the first of them.
    pub statement: String,
    /// Rows changed.
    pub rows: u64,
    /// Attempts that met a conflict or lost the connection and were made again.
    pub retries: u32,
    /// The job that was awaited.
    pub job_id: Option<String>,
    /// How long the step took, waiting included.
    pub elapsed: Duration,
}
