//! The work behind `CREATE INDEX ASYNC` and `ALTER TABLE ASYNC … VALIDATE CONSTRAINT`.
//!
//! The statement enters a row in the table behind `sys.jobs`, in the transaction of its client; when that has
//! committed, a worker with a connection of its own does what the row says, one job at a time, oldest first. The work
//! and the word of its success are one transaction: what a crash interrupts is taken up again at the next start.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use dsql_sql::quote_literal;
use tokio::sync::{Mutex, Notify, watch};

use crate::catalog::connect_as_superuser;
use crate::cluster::Shared;
use crate::upstream::Upstream;
use crate::wire::backend::ServerError;

/// How long a job that has ended stays in `sys.jobs` on the service: about half an hour.
pub(crate) const RETENTION: Duration = Duration::from_secs(30 * 60);

/// When a worker that lost its connection tries again.
const AGAIN: Duration = Duration::from_millis(200);

/// How often a job is begun anew that met a deadlock.
const ATTEMPTS: u32 = 20;

/// How many base32 digits a job's identifier has: 128 bits.
const ID_DIGITS: usize = 26;

/// The worker's bell, and the news of jobs that have ended.
#[derive(Debug)]
pub(crate) struct Jobs {
    delay: Duration,
    retention: Duration,
    submitted: Notify,
    ended: watch::Sender<u64>,
    /// Held from the COMMIT of a job until the change of the catalog is told.
    telling: Mutex<()>,
}

/// A row of the table behind `sys.jobs`, at work.
#[derive(Debug)]
struct Job {
    id: String,
    work: Work,
}

#[derive(Debug)]
enum Work {
    /// The index is there, and invalid.
    Index { oid: String, name: String },
    /// A statement, under the search path of the session that has submitted it.
    Statement { sql: String, search_path: String },
    /// `IF NOT EXISTS`, and it exists; DROP TABLE, and it is gone.
    Nothing,
}

impl Jobs {
    pub(crate) fn new(delay: Duration, retention: Duration) -> Self {
        Self {
            delay,
            retention,
            submitted: Notify::new(),
            ended: watch::Sender::new(0),
            telling: Mutex::default(),
        }
    }

    /// A transaction that started jobs has committed.
    pub(crate) fn wake(&self) {
        self.submitted.notify_one();
    }

    /// Returns when the job `id` is neither submitted nor at work, and its change of the catalog is told; at once when
    /// there is none such.
    pub(crate) async fn wait(&self, cluster: &Shared, id: &str) -> io::Result<()> {
        let mut ended = self.ended.subscribe();
        let mut connection = connect_as_superuser(&cluster.address).await?;
        loop {
            ended.mark_unchanged();
            let sql = format!(
                "SELECT 1 FROM pg_catalog.dsql_local_job WHERE job_id = '{id}' AND status IN ('submitted', 'processing')"
            );
            if rows(&mut connection, &sql, cluster).await?.is_empty() {
                connection.close().await;
                drop(self.telling.lock().await);
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
            let worked = tokio::select! {
                worked = self.work_off(&cluster) => worked,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            let next = match worked {
                Ok(next) => next,
                Err(error) => {
                    tracing::warn!(%error, "the worker of asynchronous jobs lost its connection");
                    Some(AGAIN)
                }
            };
            tokio::select! {
                () = self.submitted.notified() => {}
                () = later(next) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Does every job that waits; gives when the next that has ended is to vanish.
    async fn work_off(&self, cluster: &Shared) -> io::Result<Option<Duration>> {
        let mut connection = connect_as_superuser(&cluster.address).await?;
        while let Some(job) = self.next(&mut connection, cluster).await? {
            if !matches!(job.work, Work::Nothing) {
                tokio::time::sleep(self.delay).await;
            }
            tracing::info!(job = job.id, "job began");
            match self.attempt(&mut connection, &job, cluster).await? {
                Ok(()) => {}
                Err(details) => {
                    tracing::info!(job = job.id, details, "job failed");
                    let failed = end_of(&job.id, "failed", &quote_literal(&details));
                    rows(&mut connection, &failed, cluster).await?;
                }
            }
            self.ended.send_modify(|ended| *ended += 1);
        }
        let oldest = "SELECT extract(epoch FROM clock_timestamp() - min(update_time)) FROM pg_catalog.dsql_local_job";
        let oldest = rows(&mut connection, oldest, cluster).await?;
        connection.close().await;
        let age = (oldest.into_iter().flatten().next().flatten())
            .and_then(|seconds| Duration::try_from_secs_f64(seconds.parse().ok()?).ok());
        // A moment later, so that it is older by then and not just as old.
        Ok(age.map(|age| self.retention.saturating_sub(age) + Duration::from_millis(1)))
    }

    /// Takes the oldest job that has not ended, be it one that was interrupted; removes those that ended long ago.
    async fn next(&self, connection: &mut Upstream, cluster: &Shared) -> io::Result<Option<Job>> {
        let sql = format!(
            "DELETE FROM pg_catalog.dsql_local_job WHERE status IN ('completed', 'failed') \
             AND update_time <= clock_timestamp() - interval '{} seconds'; \
             UPDATE pg_catalog.dsql_local_job SET status = 'processing', update_time = clock_timestamp() \
             WHERE job_id = (SELECT job_id FROM pg_catalog.dsql_local_job WHERE status IN ('submitted', 'processing') \
                             ORDER BY start_time LIMIT 1) \
             RETURNING job_id, job_type, statement, search_path, index_id, index_name",
            self.retention.as_secs_f64()
        );
        let rows = rows(connection, &sql, cluster).await?;
        let Some(
            [
                Some(id),
                Some(job_type),
                Some(sql),
                Some(search_path),
                index_id,
                index_name,
            ],
        ) = rows.first().map(Vec::as_slice)
        else {
            return Ok(None);
        };
        let work = match (index_id, index_name) {
            (Some(oid), Some(name)) => Work::Index {
                oid: oid.clone(),
                name: name.clone(),
            },
            _ if job_type == "INDEX_BUILD" || job_type == "DROP" => Work::Nothing,
            _ => Work::Statement {
                sql: sql.clone(),
                search_path: search_path.clone(),
            },
        };
        Ok(Some(Job {
            id: id.clone(),
            work,
        }))
    }

    /// Does a job and enters its success, or gives the details of its failure.
    async fn attempt(
        &self,
        connection: &mut Upstream,
        job: &Job,
        cluster: &Shared,
    ) -> io::Result<Result<(), String>> {
        let mut attempt = 1;
        loop {
            rows(connection, "BEGIN", cluster).await?;
            let error = match run(connection, &job.work, cluster).await? {
                Ok(()) => {
                    let completed = end_of(&job.id, "completed", "NULL");
                    let _telling = self.telling.lock().await;
                    rows(connection, &format!("{completed}; COMMIT"), cluster).await?;
                    if !matches!(job.work, Work::Nothing) {
                        cluster.catalog.change();
                    }
                    return Ok(Ok(()));
                }
                Err(error) => error,
            };
            rows(connection, "ROLLBACK", cluster).await?;
            if matches!(error.sqlstate.as_str(), "40001" | "40P01") && attempt < ATTEMPTS {
                attempt += 1;
                continue;
            }
            return Ok(Err(match error.sqlstate.as_str() {
                "23505" => "Found duplicate key while validating index for UCVs".to_owned(),
                _ => error.message,
            }));
        }
    }
}

/// Does the work in the transaction that is open.
async fn run(
    connection: &mut Upstream,
    work: &Work,
    cluster: &Shared,
) -> io::Result<Result<(), ServerError>> {
    let sql = match work {
        Work::Index { oid, name } => {
            // It may have been renamed since, and others may bear its name.
            let sql = format!(
                "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c \
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = {oid}"
            );
            let found = rows(connection, &sql, cluster).await?;
            match found.into_iter().flatten().next().flatten() {
                Some(name) => format!("REINDEX INDEX {name}"),
                None => {
                    let name = name.replace('"', "");
                    let message = format!("relation \"{name}\" does not exist");
                    return Ok(Err(ServerError::new("42P01", message)));
                }
            }
        }
        Work::Statement { sql, search_path } => {
            // Not by SET, which has no word for a path that is empty, as the one of a dump is.
            let path = quote_literal(search_path);
            let set = format!("SELECT set_config('search_path', {path}, true)");
            rows(connection, &set, cluster).await?;
            sql.clone()
        }
        Work::Nothing => return Ok(Ok(())),
    };
    let answer = connection.rows(&sql, Some(&cluster.registry)).await?;
    Ok(answer.map(drop))
}

async fn later(delay: Option<Duration>) {
    match delay {
        Some(delay) => tokio::time::sleep(delay).await,
        None => std::future::pending().await,
    }
}

fn end_of(id: &str, status: &str, details: &str) -> String {
    format!(
        "UPDATE pg_catalog.dsql_local_job SET status = '{status}', details = {details}, \
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
