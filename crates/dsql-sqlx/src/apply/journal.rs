//! The journal of a run: one row, which says how far it has come.

use dsql_sql::{Plan, Step, quote_literal};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row as _};

use super::fingerprint;
use crate::digest::digest_of;
use crate::run::Place;
use crate::runner::Runner;

/// The table, in the schema that is current when a connection begins.
pub(crate) const TABLE: &str = "dsql_journal";

/// A row is a run that has not ended.
pub(crate) const COLUMNS: &str = "name text PRIMARY KEY, owner text NOT NULL, user_name text NOT NULL, \
    host text NOT NULL, process integer NOT NULL, source text NOT NULL, steps integer NOT NULL, \
    started_at timestamptz NOT NULL, changed_at timestamptz NOT NULL, \
    done integer NOT NULL, done_digest text NOT NULL, \
    statement text NOT NULL, statement_digest text NOT NULL, state text NOT NULL, \
    begun_at timestamptz, fingerprint text, job_id text, \
    answer text, sub_steps_done integer NOT NULL";

/// What is known of the statement under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// It was not sent.
    #[default]
    None,
    /// It was about to be sent, with the catalog as the fingerprint says.
    Started,
    /// Its job has failed.
    Failed,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Started => "started",
            Self::Failed => "failed",
        }
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Steps of the plan that are done, and a digest of their texts: the run
    /// goes on where the plan given begins with the same steps.
    done: usize,
    done_digest: String,
    /// The statement last under way.
    statement: String,
    /// The step of the plan that it belongs to; empty between steps.
    statement_digest: String,
    state: State,
    fingerprint: Option<String>,
    job_id: Option<String>,
    /// What the catalog answered, and how many of the steps that came of it
    /// are done.
    answer: Option<String>,
    sub_steps_done: usize,
}

/// An unfinished run, as the journal shows it to people.
#[derive(Debug, Clone)]
pub(crate) struct Unfinished {
    pub(crate) source: String,
    pub(crate) steps: usize,
    pub(crate) started_at: String,
    pub(crate) changed_at: String,
    pub(crate) by: String,
}

/// The journal of one run.
#[derive(Debug)]
pub(crate) struct Journal {
    table: String,
    name: String,
    runner: Runner,
    source: String,
    /// The digest of each step, and of all up to each.
    digests: Vec<String>,
    chain: Vec<String>,
    entry: Entry,
}

impl Journal {
    pub(super) fn new(
        table: String,
        name: String,
        runner: Runner,
        source: String,
        plan: &Plan,
    ) -> Self {
        let digests: Vec<_> = plan.steps.iter().map(digest).collect();
        let mut chain = vec![String::new()];
        for digest in &digests {
            let before = chain.last().map_or("", String::as_str);
            chain.push(digest_of(&[before, digest]));
        }
        Self {
            table,
            name,
            runner,
            source,
            digests,
            chain,
            entry: Entry::default(),
        }
    }

    /// Reads what an earlier run has left.
    pub(super) async fn load(
        &mut self,
        connection: &mut PgConnection,
    ) -> Result<Option<Unfinished>, sqlx::Error> {
        let utc = |column| format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')");
        let sql = format!(
            "SELECT source, steps, {}, {}, user_name, host, process, {ENTRY} FROM {} WHERE name = $1",
            utc("started_at"),
            utc("changed_at"),
            self.table
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(&self.name)
            .fetch_optional(connection)
            .await?;
        let Some(row) = row else { return Ok(None) };
        self.entry = entry(&row, 7)?;
        let (user, host): (String, String) = (row.try_get(4)?, row.try_get(5)?);
        let process: i32 = row.try_get(6)?;
        Ok(Some(Unfinished {
            source: row.try_get(0)?,
            steps: usize::try_from(row.try_get::<i32, _>(1)?).unwrap_or(0),
            started_at: row.try_get(2)?,
            changed_at: row.try_get(3)?,
            by: format!("{user} on {host} (process {process})"),
        }))
    }

    /// Steps of the plan that are done.
    pub(super) fn done(&self) -> usize {
        self.entry.done
    }

    /// Does the plan begin with the steps that are done?
    pub(super) fn is_continued(&self) -> bool {
        self.chain.get(self.entry.done) == Some(&self.entry.done_digest)
    }

    /// Is the step under way another one in the plan now given?
    pub(super) fn is_edited(&self) -> bool {
        let Entry {
            statement_digest,
            done,
            ..
        } = &self.entry;
        !statement_digest.is_empty() && self.digests.get(*done) != Some(statement_digest)
    }

    /// The statement last under way.
    pub(super) fn statement(&self) -> &str {
        &self.entry.statement
    }

    /// The database's time at which the statement was about to be sent, as SQL.
    pub(crate) fn begun_at(&self) -> String {
        let name = quote_literal(&self.name);
        format!("(SELECT begun_at FROM {} WHERE name = {name})", self.table)
    }

    pub(crate) fn state(&self) -> State {
        self.entry.state
    }

    pub(crate) fn fingerprint(&self) -> Option<&str> {
        self.entry.fingerprint.as_deref()
    }

    pub(crate) fn job_id(&self) -> Option<&str> {
        self.entry.job_id.as_deref()
    }

    pub(crate) fn answer(&self) -> Option<&str> {
        self.entry.answer.as_deref()
    }

    pub(crate) fn sub_steps_done(&self) -> usize {
        self.entry.sub_steps_done
    }

    /// A step of the plan begins or goes on.
    pub(crate) fn reach(&mut self, place: Place) {
        let digest = self.digests.get(place.number.step - 1);
        self.entry.statement_digest = digest.cloned().unwrap_or_default();
    }

    /// The catalog has answered.
    pub(crate) fn found(&mut self, statement: &str, answer: String) {
        self.entry.statement = kept(statement);
        self.entry.answer = Some(answer);
        self.entry.sub_steps_done = 0;
    }

    /// A job was started.
    pub(crate) fn submitted(&mut self, job_id: &str) {
        self.entry.job_id = Some(job_id.to_owned());
    }

    /// The job has failed.
    pub(crate) fn failed(&mut self) {
        self.entry.state = State::Failed;
    }

    /// The statement was not applied, or is as if it had not been.
    pub(crate) fn clear(&mut self) {
        self.entry.clear();
    }

    /// Nothing of the step under way is done.
    pub(super) fn give_up(&mut self) {
        self.entry.clear();
        self.entry.statement_digest = String::new();
        self.entry.answer = None;
    }

    /// Nothing is done.
    pub(super) fn begin_anew(&mut self) {
        self.entry = Entry::default();
    }

    /// The step was done.
    pub(crate) fn advance(&mut self, place: Place) {
        self.entry = self.next(place);
    }

    /// The entry of a step that is done.
    pub(crate) fn next(&self, place: Place) -> Entry {
        let mut next = self.entry.clone();
        next.clear();
        match place.number.sub_step {
            Some(sub_step) if !place.is_last => next.sub_steps_done = sub_step,
            _ => {
                next.done = place.number.step;
                next.done_digest = self.chain.get(next.done).cloned().unwrap_or_default();
                next.statement_digest = String::new();
                next.answer = None;
                next.sub_steps_done = 0;
            }
        }
        next
    }

    /// The entry was saved by a transaction that has been committed.
    pub(crate) fn take(&mut self, next: Entry) {
        self.entry = next;
    }

    /// Makes the journal ours.
    pub(super) async fn claim(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let sql = format!(
            "UPDATE {} SET owner = $2, user_name = $3, host = $4, process = $5, source = $6, steps = $7 \
             WHERE name = $1",
            self.table
        );
        let Runner {
            token,
            user,
            host,
            process,
        } = &self.runner;
        sqlx::query(AssertSqlSafe(sql))
            .bind(&self.name)
            .bind(token)
            .bind(user)
            .bind(host)
            .bind(process)
            .bind(&self.source)
            .bind(number(self.digests.len()))
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Writes the entry. False: the journal is another run's.
    pub(crate) async fn save(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let sql = self.upsert(UNCHANGED, "$16", "");
        let saved = self
            .bind(sqlx::query(AssertSqlSafe(sql)), &self.entry)
            .bind(self.entry.fingerprint.as_deref())
            .execute(connection)
            .await?;
        Ok(saved.rows_affected() > 0)
    }

    /// Writes what comes after the entry, in the transaction that does it.
    /// False: it is there already, or the journal is another run's.
    pub(crate) async fn save_next(
        &self,
        connection: &mut PgConnection,
        next: &Entry,
    ) -> Result<bool, sqlx::Error> {
        let sql = self.upsert(
            UNCHANGED,
            "$16",
            " AND held.done = $17 AND held.sub_steps_done = $18",
        );
        let (done, sub_steps_done) = self.entry.position();
        let saved = self
            .bind(sqlx::query(AssertSqlSafe(sql)), next)
            .bind(next.fingerprint.as_deref())
            .bind(number(done))
            .bind(number(sub_steps_done))
            .execute(connection)
            .await?;
        Ok(saved.rows_affected() > 0)
    }

    /// Is this what the journal holds for us?
    pub(crate) async fn is_saved(
        &self,
        connection: &mut PgConnection,
        entry: &Entry,
    ) -> Result<bool, sqlx::Error> {
        let sql = format!(
            "SELECT 1 FROM {} WHERE name = $1 AND owner = $2 AND done = $3 AND sub_steps_done = $4 \
             AND done_digest = $5",
            self.table
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(&self.name)
            .bind(&self.runner.token)
            .bind(number(entry.done))
            .bind(number(entry.sub_steps_done))
            .bind(&entry.done_digest)
            .fetch_optional(connection)
            .await?;
        Ok(row.is_some())
    }

    /// Writes that a statement is about to be sent, with the fingerprint of
    /// the catalog before it. False: the journal is another run's.
    pub(crate) async fn start(
        &mut self,
        connection: &mut PgConnection,
        statement: &str,
    ) -> Result<bool, sqlx::Error> {
        let mut entry = self.entry.clone();
        entry.statement = kept(statement);
        entry.state = State::Started;
        entry.job_id = None;
        let sql = self.upsert(
            ["now()", "now()"],
            &format!("({})", fingerprint("$16::text")),
            "",
        ) + " RETURNING fingerprint";
        let row = self
            .bind(sqlx::query(AssertSqlSafe(sql)), &entry)
            .bind(statement)
            .fetch_optional(connection)
            .await?;
        let Some(row) = row else { return Ok(false) };
        entry.fingerprint = row.try_get(0)?;
        self.entry = entry;
        Ok(true)
    }

    /// Writes the entry, or takes the row away where nothing is done.
    pub(crate) async fn save_or_remove(
        &self,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        if self.entry.position() == (0, 0) && self.entry.answer.is_none() {
            self.remove(connection).await
        } else {
            self.save(connection).await.map(drop)
        }
    }

    /// The run is over, or forgotten.
    pub(crate) async fn remove(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let sql = format!("DELETE FROM {} WHERE name = $1", self.table);
        sqlx::query(AssertSqlSafe(sql))
            .bind(&self.name)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// INSERT or UPDATE of the row of this run, with `$1` to `$15` as
    /// [`bind`](Self::bind) binds them.
    fn upsert(&self, begun_at: [&str; 2], fingerprint: &str, condition: &str) -> String {
        let [first, later] = begun_at;
        format!(
            "INSERT INTO {} AS held (name, owner, user_name, host, process, source, steps, \
             done, done_digest, statement, statement_digest, state, job_id, answer, sub_steps_done, \
             fingerprint, started_at, changed_at, begun_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, \
             {fingerprint}, now(), now(), {first}) \
             ON CONFLICT (name) DO UPDATE SET done = excluded.done, done_digest = excluded.done_digest, \
             statement = excluded.statement, statement_digest = excluded.statement_digest, \
             state = excluded.state, job_id = excluded.job_id, answer = excluded.answer, \
             sub_steps_done = excluded.sub_steps_done, fingerprint = excluded.fingerprint, \
             changed_at = excluded.changed_at, begun_at = {later} \
             WHERE held.owner = excluded.owner{condition}",
            self.table
        )
    }

    fn bind<'q>(
        &'q self,
        query: Query<'q, Postgres, PgArguments>,
        entry: &'q Entry,
    ) -> Query<'q, Postgres, PgArguments> {
        query
            .bind(&self.name)
            .bind(&self.runner.token)
            .bind(&self.runner.user)
            .bind(&self.runner.host)
            .bind(self.runner.process)
            .bind(&self.source)
            .bind(number(self.digests.len()))
            .bind(number(entry.done))
            .bind(&entry.done_digest)
            .bind(&entry.statement)
            .bind(&entry.statement_digest)
            .bind(entry.state.as_str())
            .bind(&entry.job_id)
            .bind(&entry.answer)
            .bind(number(entry.sub_steps_done))
    }
}

/// `begun_at` of a row that is new, and of one that was there.
const UNCHANGED: [&str; 2] = ["NULL::timestamptz", "held.begun_at"];

/// As [`entry`] reads them.
const ENTRY: &str = "done, done_digest, statement, statement_digest, state, fingerprint, job_id, answer, \
    sub_steps_done";

fn entry(row: &PgRow, first: usize) -> Result<Entry, sqlx::Error> {
    let state: String = row.try_get(first + 4)?;
    let count = |at: usize| -> Result<usize, sqlx::Error> {
        Ok(usize::try_from(row.try_get::<i32, _>(first + at)?).unwrap_or(0))
    };
    Ok(Entry {
        done: count(0)?,
        done_digest: row.try_get(first + 1)?,
        statement: row.try_get(first + 2)?,
        statement_digest: row.try_get(first + 3)?,
        state: match state.as_str() {
            "started" => State::Started,
            "failed" => State::Failed,
            _ => State::None,
        },
        fingerprint: row.try_get(first + 5)?,
        job_id: row.try_get(first + 6)?,
        answer: row.try_get(first + 7)?,
        sub_steps_done: count(8)?,
    })
}

impl Entry {
    fn position(&self) -> (usize, usize) {
        (self.done, self.sub_steps_done)
    }

    fn clear(&mut self) {
        self.state = State::None;
        self.fingerprint = None;
        self.job_id = None;
    }
}

fn number(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// What a column holds at most.
fn kept(statement: &str) -> String {
    statement.chars().take(250_000).collect()
}

fn digest(step: &Step) -> String {
    let kind = match step {
        Step::Ddl(_) => "ddl",
        Step::AsyncDdl(_) => "async",
        Step::Dml(_) => "dml",
        Step::Transaction(_) => "transaction",
        Step::Batches(_) => "batches",
        Step::Lookup(_) => "lookup",
        _ => "",
    };
    digest_of(&[kind, &step.to_string()])
}
