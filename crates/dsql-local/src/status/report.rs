//! What `/status.json` says. docs/local-cluster.md documents it.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use tokio::sync::Mutex;

use super::board::{Conflict, Refused};
use super::card::{Side, Snapshot};
use super::text::excerpt;
use crate::catalog::connect_as_superuser;
use crate::cluster::Shared;
use crate::inject::FaultCounts;
use crate::upstream::Upstream;

/// So many jobs are shown, the newest.
const JOBS: usize = 100;

/// Makes reports, with a connection of its own to ask PostgreSQL about jobs.
#[derive(Debug)]
pub(super) struct Reporter {
    cluster: Arc<Shared>,
    connection: Mutex<Option<Upstream>>,
}

#[derive(Debug, Serialize)]
struct Report {
    /// Seconds since 1970, as all times.
    now: f64,
    cluster: AboutCluster,
    sessions: Vec<Session>,
    conflicts: Vec<ConflictAt>,
    jobs: Vec<Job>,
    refused: Vec<RefusedWith>,
    faults: Faults,
}

#[derive(Debug, Serialize)]
struct AboutCluster {
    port: u16,
    region: String,
    postgres: String,
    started: f64,
    schema_conflicts: bool,
    sessions_so_far: u64,
}

#[derive(Debug, Serialize)]
struct Session {
    session: u64,
    user: String,
    application_name: String,
    connected: f64,
    state: &'static str,
    state_seconds: f64,
    statements: u64,
    statement: Option<String>,
    transaction: Option<Transaction>,
}

#[derive(Debug, Serialize)]
struct Transaction {
    age_seconds: f64,
    rows: u64,
    access: &'static str,
}

#[derive(Debug, Serialize)]
struct ConflictAt {
    table: Option<String>,
    key: Option<String>,
    count: u64,
    last: f64,
    loser: Option<Party>,
    winner: Option<Party>,
}

#[derive(Debug, Serialize)]
struct Party {
    session: u64,
    application_name: String,
    statement: String,
}

#[derive(Debug, Serialize)]
struct Job {
    job_id: Option<String>,
    job_type: Option<String>,
    status: Option<String>,
    details: Option<String>,
    object: Option<String>,
    started: Option<f64>,
    updated: Option<f64>,
}

#[derive(Debug, Serialize)]
struct RefusedWith {
    sqlstate: String,
    message: String,
    detail: Option<String>,
    rule: Option<&'static str>,
    limit: bool,
    count: u64,
    last: f64,
    session: Option<u64>,
    application_name: Option<String>,
    statement: String,
}

#[derive(Debug, Serialize)]
struct Faults {
    seed: u64,
    conflict: u64,
    schema: u64,
    unavailable: u64,
    disconnect: u64,
    slow: u64,
    ordered: u32,
}

impl Reporter {
    pub(super) fn new(cluster: Arc<Shared>) -> Self {
        Self {
            cluster,
            connection: Mutex::default(),
        }
    }

    pub(super) async fn report(&self) -> io::Result<Vec<u8>> {
        let Some(board) = &self.cluster.board else {
            return Err(io::Error::other("it is not kept"));
        };
        // PostgreSQL may be away for a moment: the rest is shown all the same.
        let jobs = self.jobs().await.unwrap_or_else(|error| {
            tracing::debug!(%error, "the status page could not ask for jobs");
            Vec::new()
        });
        let handles = self.cluster.registry.handles();
        let report = Report {
            now: seconds(SystemTime::now()),
            cluster: AboutCluster {
                port: self.cluster.port,
                region: self.cluster.region.clone(),
                postgres: self.cluster.postgres_version.clone(),
                started: seconds(board.started),
                schema_conflicts: self.cluster.catalog.counts(),
                sessions_so_far: board.sessions(),
            },
            sessions: sessions(handles.iter().filter_map(|handle| handle.card().snapshot())),
            conflicts: board.all_conflicts().into_iter().map(conflict).collect(),
            jobs,
            refused: board.all_refused().into_iter().map(refused).collect(),
            faults: faults(self.cluster.injector.counts(), self.cluster.injector.seed()),
        };
        serde_json::to_vec(&report).map_err(io::Error::other)
    }

    async fn jobs(&self) -> io::Result<Vec<Job>> {
        let mut kept = self.connection.lock().await;
        // Taken out while it is used: a reader that leaves half-way leaves no half-read answer behind.
        let mut connection = match kept.take() {
            Some(connection) => connection,
            None => connect_as_superuser(&self.cluster.address).await?,
        };
        let sql = format!(
            "SELECT job_id, job_type, status, details, coalesce(index_name, object_id::regclass::text, object_name), \
             extract(epoch FROM start_time), extract(epoch FROM update_time) \
             FROM pg_catalog.dsql_local_job ORDER BY start_time DESC LIMIT {JOBS}"
        );
        let rows = (connection.rows(&sql, None).await?)
            .map_err(|error| io::Error::other(error.message))?;
        *kept = Some(connection);
        Ok(rows.into_iter().map(job).collect())
    }
}

fn sessions(shown: impl Iterator<Item = Snapshot>) -> Vec<Session> {
    let now = Instant::now();
    let mut sessions: Vec<Session> = shown
        .map(|shown| Session {
            session: shown.session,
            user: shown.user,
            application_name: shown.application_name,
            connected: seconds(shown.connected),
            state: shown.state,
            state_seconds: between(shown.since, now),
            statements: shown.statements,
            statement: shown.statement.map(|sql| excerpt(&sql)),
            transaction: shown.transaction.map(|(began, rows, writes)| Transaction {
                age_seconds: between(began, now),
                rows,
                access: if writes { "write" } else { "read" },
            }),
        })
        .collect();
    sessions.sort_by_key(|session| session.session);
    sessions
}

fn conflict(entry: Conflict) -> ConflictAt {
    let known = |text: String| (!text.is_empty()).then_some(text);
    ConflictAt {
        table: known(entry.table),
        key: known(entry.key),
        count: entry.count,
        last: seconds(entry.last),
        loser: entry.loser.map(party),
        winner: entry.winner.map(party),
    }
}

fn party(side: Side) -> Party {
    Party {
        session: side.session,
        application_name: side.application_name,
        statement: side.statement,
    }
}

fn refused(entry: Refused) -> RefusedWith {
    let error = entry.error;
    // Classes of SQLSTATEs: insufficient resources, program limit exceeded; a message that is too long.
    let limit = ["53", "54", "08P01"]
        .iter()
        .any(|class| error.sqlstate.starts_with(class));
    let (session, application_name) = match entry.side {
        Some(side) => (Some(side.session), Some(side.application_name)),
        None => (None, None),
    };
    RefusedWith {
        limit,
        sqlstate: error.sqlstate,
        message: error.message,
        detail: error.detail,
        rule: error.rule,
        count: entry.count,
        last: seconds(entry.last),
        session,
        application_name,
        statement: entry.statement,
    }
}

fn faults(counts: FaultCounts, seed: u64) -> Faults {
    Faults {
        seed,
        conflict: counts.conflict,
        schema: counts.schema,
        unavailable: counts.unavailable,
        disconnect: counts.disconnect,
        slow: counts.slow,
        ordered: counts.ordered,
    }
}

fn job(row: Vec<Option<String>>) -> Job {
    let mut columns = row.into_iter();
    let mut next = || columns.next().flatten();
    Job {
        job_id: next(),
        job_type: next(),
        status: next(),
        details: next(),
        object: next(),
        started: next().and_then(|text| text.parse().ok()),
        updated: next().and_then(|text| text.parse().ok()),
    }
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs_f64()
}

fn between(earlier: Instant, later: Instant) -> f64 {
    later.saturating_duration_since(earlier).as_secs_f64()
}
