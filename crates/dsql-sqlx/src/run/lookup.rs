//! A step whose own steps hang on what the catalog holds.

use dsql_sql::Lookup;

use crate::error::Error;
use crate::progress::{Progress, StepReport};

use super::{Place, Run};

impl Run<'_> {
    /// Asks the catalog, and runs the steps that come of its answer. The
    /// answer is in the journal before the first of them, so that a run which
    /// goes on comes to the same ones.
    pub(super) async fn lookup(
        &mut self,
        lookup: &Lookup,
        report: &mut StepReport,
        place: Place,
    ) -> Result<(), Error> {
        report.statement = lookup.statement().to_owned();
        self.started(report, place);
        let known = self.journal.as_ref().and_then(|journal| journal.answer());
        let answer = match known {
            Some(answer) => answer.to_owned(),
            None => {
                let sql = lookup.query();
                let rows = self.rows(&sql, report, place).await?;
                let answer = rows.into_iter().flatten().next();
                answer.ok_or_else(|| place.failed(&sql, sqlx::Error::RowNotFound))?
            }
        };
        let plan = lookup.plan(&answer);
        if let Some(error) = plan.errors.first() {
            self.clear().await;
            return Err(Error::Lookup {
                step: place.number,
                steps: place.steps,
                statement: lookup.statement().into(),
                source: Box::new(error.clone()),
            });
        }
        let done = match &mut self.journal {
            Some(journal) if journal.answer().is_some() => journal.sub_steps_done(),
            Some(journal) => {
                journal.found(lookup.statement(), answer);
                self.save(report, place).await?;
                0
            }
            None => 0,
        };
        self.tell(Progress::Planned {
            step: place.number,
            sub_steps: plan.steps.len(),
            notes: &plan.notes,
        });
        for (at, step) in plan.steps.iter().enumerate().skip(done) {
            let place = Place {
                number: place.number.sub(at + 1),
                is_last: at + 1 == plan.steps.len(),
                ..place
            };
            self.check_stop(place)?;
            let mut sub = StepReport::default();
            self.simple_step(step, &mut sub, place).await?;
            self.tell(Progress::Finished {
                step: place.number,
                report: &sub,
            });
            report.rows += sub.rows;
            report.retries += sub.retries;
            report.job_id = sub.job_id.or(report.job_id.take());
        }
        if plan.steps.is_empty() {
            self.done(report, place).await?;
        }
        Ok(())
    }
}
