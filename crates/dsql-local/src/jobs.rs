//! The work behind `CREATE INDEX ASYNC` and `ALTER TABLE ASYNC … VALIDATE CONSTRAINT`.
//!
//! The statement enters a row in the table behind `sys.jobs`, in the transaction of its client; when that has
//! committed, a worker with a connection of its own runs what the row says, one job at a time, oldest first.

use std::io;
use std::sync::Arc;

use tokio::sync::{Notify, watch};

use crate::catalog::connect_as_superuser;
use crate::cluster::Shared;
use crate::upstream::Upstream;

/// How long a job that has ended stays in `sys.jobs`.
const RETENTION_MINUTES: u32 = 30;

/// How many base32 digits a job's identifier has: 128 bits.
const ID_DIGITS: usize = 26;

/// The worker's bell, and the news of jobs that have ended.
#[derive(Debug)]
pub(crate) struct Jobs {
    submitted: Notify,
    ended: watch::Sender<u64>,
}

impl Jobs {
    pub(crate) fn new() -> Self {
        Self {
            submitted: Notify::new(),
            ended: watch::Sender::new(0),
        }
    }

    /// A transaction that started jobs has committed.
    pub(crate) fn wake(&self) {
        self.submitted.notify_one();
    }

    /// Returns when the job `id` is neither submitted nor at work; at once when there is none such.
    pub(crate) async fn wait(&self, cluster: &Shared, id: &str) -> io::Result<()> {
        let mut ended = self.ended.subscribe();
        let mut connection = connect_as_superuser(&cluster.address).await?;
        loop {
            ended.mark_unchanged();
            let sql = format!(
                "SELECT 1 FROM dsql_local.job WHERE job_id = '{id}' AND status IN ('submitted', 'processing')"
            );
            if rows(&mut connection, &sql, cluster).await?.is_empty() {
                connection.close().await;
                return Ok(());
            }
            if ended.changed().await.is_err() {
                return Ok(());
            }
        }
    }

    /// Works until the cluster stops.
    pub(crate) async fn work(&self, cluster: Arc<Shared>) {
        let mut stop = cluster.stop.subscribe();
        loop {
            if let Err(error) = self.work_off(&cluster).await {
                if *stop.borrow() {
                    return;
                }
                tracing::warn!(%error, "the worker of asynchronous jobs lost its connection");
            }
            tokio::select! {
                () = self.submitted.notified() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    async fn work_off(&self, cluster: &Shared) -> io::Result<()> {
        let mut connection = connect_as_superuser(&cluster.address).await?;
        loop {
            let next = rows(
                &mut connection,
                &format!(
                    "DELETE FROM dsql_local.job WHERE status IN ('completed', 'failed') \
                     AND update_time < clock_timestamp() - interval '{RETENTION_MINUTES} minutes'; \
                     UPDATE dsql_local.job SET status = 'processing', update_time = clock_timestamp() \
                     WHERE job_id = (SELECT job_id FROM dsql_local.job WHERE status IN ('submitted', 'processing') \
                                     ORDER BY start_time LIMIT 1) \
                     RETURNING job_id, statement, search_path"
                ),
                cluster,
            )
            .await?;
            let Some([Some(id), Some(statement), Some(search_path)]) =
                next.first().map(Vec::as_slice)
            else {
                connection.close().await;
                return Ok(());
            };
            let outcome = run(&mut connection, id, statement, search_path, cluster).await?;
            if let Err(details) = outcome {
                let details = details.replace('\'', "''");
                let failed = end_of(id, "failed", &format!("'{details}'"));
                rows(&mut connection, &failed, cluster).await?;
            }
            self.ended.send_modify(|ended| *ended += 1);
        }
    }
}

/// Runs a job and enters its success in one transaction, so that a crash leaves both or neither. Gives the details of
/// a failure.
async fn run(
    connection: &mut Upstream,
    id: &str,
    statement: &str,
    search_path: &str,
    cluster: &Shared,
) -> io::Result<Result<(), String>> {
    // Not by SET, which has no word for a path that is empty, as the one of a dump is.
    let search_path = search_path.replace('\'', "''");
    let begin = format!("BEGIN; SELECT set_config('search_path', '{search_path}', true)");
    rows(connection, &begin, cluster).await?;
    match connection.rows(statement, Some(&cluster.registry)).await? {
        Ok(_) => {
            let completed = end_of(id, "completed", "NULL");
            rows(connection, &format!("{completed}; COMMIT"), cluster).await?;
            Ok(Ok(()))
        }
        Err(error) => {
            rows(connection, "ROLLBACK", cluster).await?;
            Ok(Err(match error.sqlstate.as_str() {
                "23505" => "Found duplicate key while validating index for UCVs".to_owned(),
                _ => error.message,
            }))
        }
    }
}

fn end_of(id: &str, status: &str, details: &str) -> String {
    format!(
        "UPDATE dsql_local.job SET status = '{status}', details = {details}, \
         update_time = clock_timestamp() WHERE job_id = '{id}'"
    )
}

/// Whether `text` can name a job: 26 digits of base32, of which the last carries three bits.
pub(crate) fn is_job_id(text: &str) -> bool {
    text.len() == ID_DIGITS
        && (text.bytes()).all(|digit| matches!(digit, b'a'..=b'z' | b'2'..=b'7'))
}

async fn rows(
    connection: &mut Upstream,
    sql: &str,
    cluster: &Shared,
) -> io::Result<Vec<Vec<Option<String>>>> {
    connection
        .rows(sql, Some(&cluster.registry))
        .await?
        .map_err(|error| io::Error::other(error.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_named_by_26_digits() {
        assert!(is_job_id("abcdefghijklmnopqrstuvwx23"));
        assert!(!is_job_id("abc"));
        assert!(!is_job_id("ABCDEFGHIJKLMNOPQRSTUVWX23"));
    }
}
