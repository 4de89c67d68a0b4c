//! A change of many rows, one batch a transaction.

use dsql_sql::Batches;

use crate::error::Error;
use crate::progress::{Progress, StepReport};

use super::{Place, Repeat, Run};

impl Run<'_> {
    /// Walks the rows page by page, or repeats the statement until it changes
    /// none. Rows that are done are left out, so a walk may begin anew.
    pub(super) async fn batches(
        &mut self,
        batches: &Batches,
        report: &mut StepReport,
        place: Place,
    ) -> Result<(), Error> {
        let key = match batches.key_columns() {
            Some(key) => key,
            None => {
                let sql = batches.key_columns_query();
                let rows = self.rows(&sql, report, place).await?;
                rows.into_iter().flatten().collect()
            }
        };
        let mut after: Option<Vec<String>> = None;
        loop {
            self.check_stop(place)?;
            let until = if key.is_empty() {
                None
            } else {
                let page = batches.page_query(&key, after.as_deref());
                self.rows(&page, report, place).await?.into_iter().next()
            };
            let statement = batches.statement(&key, after.as_deref(), until.as_deref());
            if report.statement.is_empty() {
                report.statement.clone_from(&statement);
                self.started(report, place);
            }
            let rows = self
                .alone(&statement, Repeat::Losses, report, place)
                .await?;
            report.rows += rows;
            if rows > 0 {
                self.tell(Progress::Batch {
                    step: place.number,
                    rows: report.rows,
                });
            }
            if until.is_none() && (rows == 0 || !key.is_empty()) {
                break;
            }
            after = until;
        }
        self.done(report, place).await
    }
}
