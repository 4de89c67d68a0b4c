//! What an earlier run has left, and whether this one goes on with it.

use dsql_sql::Plan;

use crate::Retries;
use crate::error::{Error, ErrorExt as _};
use crate::own_table;
use crate::progress::{Progress, StepNumber, StepReport};
use crate::run::{Place, Run};

use super::journal::{COLUMNS, TABLE, Unfinished};
use super::{Journal, State};

impl Run<'_> {
    /// The table of journals, made when it is missing.
    pub(super) async fn journal_table(&mut self) -> Result<String, Error> {
        let policy = self.policy.clone();
        let connection = self.session.connection().await?;
        let schema = own_table::current_schema(connection, &policy).await?;
        if own_table::create(connection, &schema, TABLE, COLUMNS, &policy).await? {
            self.session.schema_changed();
        }
        Ok(own_table::qualified(&schema, TABLE))
    }

    /// Takes up the journal. Answers how many steps of the plan are done.
    pub(super) async fn take_up(
        &mut self,
        mut journal: Journal,
        plan: &Plan,
        forget: bool,
    ) -> Result<usize, Error> {
        let policy = self.policy.clone();
        let mut retries = Retries::new(&policy);
        let unfinished = loop {
            let loaded = match self.session.connection().await {
                Ok(connection) if forget => match journal.remove(connection).await {
                    Ok(()) => Ok(None),
                    Err(error) => Err(error),
                },
                Ok(connection) => journal.load(connection).await,
                Err(error) => Err(error),
            };
            match loaded {
                Ok(unfinished) => break unfinished,
                Err(error) => {
                    self.session.heal(&error, false).await;
                    if !retries.again(error.class(), &error).await {
                        return Err(error.into());
                    }
                }
            }
        };
        let Some(unfinished) = unfinished else {
            self.journal = Some(journal);
            return Ok(0);
        };
        if !journal.is_continued() {
            // One that was finished has only left its row.
            if unfinished.steps > journal.done() {
                return Err(other(&journal, unfinished));
            }
            journal.begin_anew();
            self.journal = Some(journal);
            self.forget().await?;
            return Ok(0);
        }
        let (is_edited, done) = (journal.is_edited(), journal.done());
        loop {
            let claimed = match self.session.connection().await {
                Ok(connection) => journal.claim(connection).await,
                Err(error) => Err(error),
            };
            let Err(error) = claimed else { break };
            self.session.heal(&error, false).await;
            if !retries.again(error.class(), &error).await {
                return Err(error.into());
            }
        }
        self.journal = Some(journal);
        self.restore(plan, done).await;
        if is_edited {
            self.give_up_edited_step(&unfinished).await?;
        }
        self.tell(Progress::Resumed {
            done,
            steps: plan.steps.len(),
            started_at: &unfinished.started_at,
        });
        Ok(done)
    }

    /// The step under way is another one now. That may be, if nothing of the
    /// old one was applied.
    async fn give_up_edited_step(&mut self, unfinished: &Unfinished) -> Result<(), Error> {
        let Some(journal) = &self.journal else {
            return Ok(());
        };
        let mut report = StepReport::default();
        let place = Place {
            number: StepNumber::new(journal.done() + 1),
            steps: unfinished.steps,
            is_last: true,
        };
        let statement = journal.statement().to_owned();
        let what = match journal.state() {
            _ if journal.sub_steps_done() > 0 => Some("is done in part"),
            State::Started if journal.job_id().is_some() => {
                Some("was sent, and its job may be at work")
            }
            State::Started if self.was_applied(&statement, &mut report, place).await? => {
                Some("was applied")
            }
            State::Failed => {
                self.drop_failed_index(&statement, &mut report, place)
                    .await?;
                None
            }
            _ => None,
        };
        if let Some(what) = what {
            return Err(Error::Unfinished {
                run: describe(unfinished, place.number.step),
                reason: format!(
                    "its step {} {what}, and stands no longer in the script. It begins with: {}",
                    place.number,
                    excerpt(&statement)
                )
                .into(),
            });
        }
        if let Some(journal) = &mut self.journal {
            journal.give_up();
        }
        self.save(&mut report, place).await
    }

    /// Takes the row of the run away.
    pub(super) async fn forget(&mut self) -> Result<(), Error> {
        let policy = self.policy.clone();
        let mut retries = Retries::new(&policy);
        while let Some(journal) = &self.journal {
            let removed = match self.session.connection().await {
                Ok(connection) => journal.remove(connection).await,
                Err(error) => Err(error),
            };
            match removed {
                Ok(()) => break,
                Err(error) => {
                    self.session.heal(&error, false).await;
                    if !retries.again(error.class(), &error).await {
                        return Err(error.into());
                    }
                }
            }
        }
        Ok(())
    }
}

fn other(journal: &Journal, unfinished: Unfinished) -> Error {
    let reason = match journal.done() {
        1 => "its first step is".to_owned(),
        done => format!("its first {done} steps are"),
    };
    Error::Unfinished {
        run: describe(&unfinished, journal.done() + 1),
        reason: format!("{reason} done, and the script given does not begin with the same").into(),
    }
}

fn describe(unfinished: &Unfinished, step: usize) -> Box<str> {
    let Unfinished {
        source,
        steps,
        started_at,
        changed_at,
        by,
    } = unfinished;
    format!(
        "the run of {source} that {by} began at {started_at} UTC is not finished: it stopped at step {step} of \
         {steps} at {changed_at} UTC"
    )
    .into()
}

fn excerpt(statement: &str) -> String {
    let mut words = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(120) {
        words.truncate(end);
        words.push('…');
    }
    words
}
