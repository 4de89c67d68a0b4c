//! Work that is code rather than a plan: what it has run is not run again.

use std::pin::Pin;
use std::sync::Arc;

use dsql_connect::{ErrorClass, RetryPolicy};
use dsql_sql::{Plan, Step, quote_literal};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::apply::{self, ApplyOptions};
use crate::digest::digest_of;
use crate::error::{Error, ErrorExt as _};
use crate::lock::Lock;
use crate::own_table;
use crate::progress::Progress;
use crate::{DsqlPool, Retries};

/// The table of records, in the schema that is current when a connection begins.
pub(crate) const TABLE: &str = "dsql_record";

const COLUMNS: &str = "work text NOT NULL, number integer NOT NULL, statement text NOT NULL, \
    digest text NOT NULL, digest_with_values text NOT NULL, writes boolean NOT NULL, answer text, \
    recorded_at timestamptz NOT NULL, PRIMARY KEY (work, number)";

/// Answers to reads that are longer are not kept: the read is run again.
const LONGEST_READ: usize = 64 * 1024;

/// Keeps what pieces of code have run, such as the migrations of an ORM, so
/// that code which is run again after an interruption goes on where it was.
///
/// A piece of code is named by its *work*. Its statements are numbered as they
/// come and recorded with their answers in the table `dsql_record`: those that
/// write rows in their own transaction, DDL as the last step of its plan, which
/// happens once like the others ([`DsqlPool::apply_under`]). When the code is
/// run again, what is recorded is answered from there, reads included, so that
/// it takes the same way; from the first statement on that is not recorded, it
/// runs.
///
/// Code that was edited meanwhile no longer sends the same statements. From
/// there on its reads are run, and of its writes those that are not recorded
/// with the same values.
#[derive(Debug, Clone)]
pub struct Recorder {
    pool: DsqlPool,
    lock: Arc<Lock>,
    records: String,
    journal: String,
    policy: RetryPolicy,
}

/// The record of one piece of code.
#[derive(Debug)]
pub struct Recording {
    recorder: Recorder,
    work: String,
    calls: Vec<Call>,
    /// How many of them the code has come by.
    passed: usize,
    /// The code is no longer the same as when it was recorded.
    is_edited: bool,
}

#[derive(Debug, Clone)]
struct Call {
    number: i32,
    digest: String,
    digest_with_values: String,
    writes: bool,
    answer: Option<String>,
    is_passed: bool,
}

/// A statement with values: its text, and the values in any form that tells
/// them apart.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// The statement.
    pub sql: &'a str,
    /// Its values.
    pub values: &'a str,
}

/// What enters a statement into a record: see [`Recording::write_elsewhere`].
#[derive(Debug)]
pub struct Entry {
    insert: String,
    call: Call,
}

impl Entry {
    /// The statement that enters it. It has no values.
    pub fn insert(&self) -> &str {
        &self.insert
    }
}

/// Runs a statement on a connection and answers what is to be remembered of it.
pub type RunRecorded = Arc<
    dyn for<'c> Fn(
            &'c mut PgConnection,
        )
            -> Pin<Box<dyn Future<Output = Result<String, sqlx::Error>> + Send + 'c>>
        + Send
        + Sync,
>;

/// Runs `$run` on a connection, again after conflicts and lost connections: it
/// does no harm twice. Not a function, since the compiler cannot see that an
/// `async` closure which borrows is `Send`.
macro_rules! repeated {
    ($recorder:expr, |$connection:ident| $run:expr) => {{
        let recorder = $recorder;
        let mut retries = Retries::new(&recorder.policy);
        loop {
            let error = match recorder.pool.acquire().await {
                Ok(mut $connection) => match $run.await {
                    Ok(answer) => break Ok(answer),
                    Err(error) => error,
                },
                Err(error) => error,
            };
            let class = match error.class() {
                ErrorClass::Ambiguous => ErrorClass::Unavailable,
                class => class,
            };
            if !retries.again(class, &error).await {
                break Err(Error::from(error));
            }
        }
    }};
}

impl DsqlPool {
    /// A recorder, for as long as the lock is held. Its table is made when it
    /// is missing.
    ///
    /// # Errors
    ///
    /// [`Error::NoSchema`] when there is no schema to keep the table in;
    /// [`Error::OwnTable`] when it cannot be made.
    pub async fn recorder(&self, lock: Arc<Lock>) -> Result<Recorder, Error> {
        let mut connection = self.acquire().await?;
        let policy = ApplyOptions::default().retry;
        let schema = own_table::current_schema(&mut connection, &policy).await?;
        for (table, columns) in [(TABLE, COLUMNS), (apply::JOURNAL, apply::JOURNAL_COLUMNS)] {
            own_table::create(&mut connection, &schema, table, columns, &policy).await?;
        }
        Ok(Recorder {
            pool: self.clone(),
            lock,
            records: own_table::qualified(&schema, TABLE),
            journal: own_table::qualified(&schema, apply::JOURNAL),
            policy,
        })
    }
}

impl Recorder {
    /// Begins a piece of code, or goes on with it.
    pub async fn begin(&self, work: impl Into<String>) -> Result<Recording, Error> {
        let work = work.into();
        let sql = format!(
            "SELECT number, digest, digest_with_values, writes, answer FROM {} WHERE work = $1 \
             ORDER BY number",
            self.records
        );
        let rows = repeated!(self, |connection| {
            sqlx::query(AssertSqlSafe(sql.clone()))
                .bind(&work)
                .fetch_all(&mut *connection)
        })?;
        let calls = rows.iter().map(|row| {
            Ok(Call {
                number: row.try_get(0)?,
                digest: row.try_get(1)?,
                digest_with_values: row.try_get(2)?,
                writes: row.try_get(3)?,
                answer: row.try_get(4)?,
                is_passed: false,
            })
        });
        Ok(Recording {
            recorder: self.clone(),
            work,
            calls: calls.collect::<Result<_, sqlx::Error>>()?,
            passed: 0,
            is_edited: false,
        })
    }

    /// The works of which something is recorded, and the runs of
    /// [`DsqlPool::apply`] that are not finished, by the name of their journal.
    pub async fn works(&self) -> Result<Vec<String>, Error> {
        let sql = format!(
            "SELECT work FROM {} UNION SELECT name FROM {} ORDER BY 1",
            self.records, self.journal
        );
        repeated!(self, |connection| {
            sqlx::query_scalar(AssertSqlSafe(sql.clone())).fetch_all(&mut *connection)
        })
    }

    /// Forgets what is recorded of works, once they are done and that is known
    /// elsewhere, or not to be continued.
    pub async fn forget(&self, works: &[String]) -> Result<(), Error> {
        if works.is_empty() {
            return Ok(());
        }
        for (table, column) in [(&self.records, "work"), (&self.journal, "name")] {
            let sql = format!("DELETE FROM {table} WHERE {column} = ANY($1)");
            repeated!(self, |connection| {
                sqlx::query(AssertSqlSafe(sql.clone()))
                    .bind(works)
                    .execute(&mut *connection)
            })?;
        }
        Ok(())
    }
}

impl Recording {
    /// How many statements are recorded.
    pub fn recorded(&self) -> usize {
        self.calls.len()
    }

    /// Runs the plan that a statement was translated to, unless it was run.
    ///
    /// # Errors
    ///
    /// Those of [`DsqlPool::apply_under`].
    pub async fn plan(
        &mut self,
        sql: &str,
        plan: &Plan,
        progress: impl FnMut(Progress<'_>) + Send,
    ) -> Result<(), Error> {
        let call = self.call(Recorded { sql, values: "" }, true);
        if self.pass(&call).is_some() {
            return Ok(());
        }
        let mut plan = plan.clone();
        plan.steps.push(Step::Dml(self.insert(sql, &call)));
        let options = ApplyOptions::default()
            .journal(&self.work)
            .source(format!("{}, statement {}", self.work, call.number))
            .retry(self.recorder.policy.clone());
        let Recorder { pool, lock, .. } = &self.recorder;
        pool.apply_under(lock, &plan, options, progress).await?;
        self.push(call);
        Ok(())
    }

    /// Runs a statement that writes, in a transaction with its record, and
    /// answers what it answered; or what it answered when it was run before.
    ///
    /// # Errors
    ///
    /// Those of [`DsqlPool::transact`] but [`Error::Ambiguous`], since the
    /// record tells; [`Error::LockLost`].
    pub async fn write(
        &mut self,
        statement: Recorded<'_>,
        run: RunRecorded,
    ) -> Result<String, Error> {
        let mut call = self.call(statement, true);
        if let Some(answer) = self.pass(&call) {
            return Ok(answer.unwrap_or_default());
        }
        let policy = self.recorder.policy.clone();
        let mut retries = Retries::new(&policy);
        let answer = loop {
            match self.try_write(statement.sql, &call, &run).await {
                Err(Error::Ambiguous { source }) => {
                    // The record tells whether it was committed.
                    if let Some(answer) = self.is_recorded(&call).await? {
                        break answer;
                    }
                    if !retries.again(ErrorClass::Unavailable, &source).await {
                        return Err(source.into());
                    }
                }
                answer => break answer?,
            }
        };
        call.answer = Some(answer.clone());
        self.push(call);
        Ok(answer)
    }

    /// A statement that writes, which the caller runs on a connection of its
    /// own: the statement that enters it into the record, to be run in the same
    /// transaction. None: it was run before, and is not to be run again.
    ///
    /// Once that is committed, [`written`](Self::written) is told.
    pub fn write_elsewhere(&mut self, statement: Recorded<'_>) -> Option<Entry> {
        let call = self.call(statement, true);
        if self.pass(&call).is_some() {
            return None;
        }
        let insert = self.insert(statement.sql, &call);
        Some(Entry { insert, call })
    }

    /// An entry was committed.
    pub fn written(&mut self, entry: Entry) {
        self.push(entry.call);
    }

    /// Runs a statement that only reads, and answers what it answered; or what
    /// it answered when it was run before.
    ///
    /// # Errors
    ///
    /// [`Error::Database`], [`Error::LockLost`].
    pub async fn read(
        &mut self,
        statement: Recorded<'_>,
        run: RunRecorded,
    ) -> Result<String, Error> {
        let mut call = self.call(statement, false);
        let known = self.pass(&call);
        if let Some(Some(answer)) = known {
            return Ok(answer);
        }
        let read = async { repeated!(&self.recorder, |connection| run(&mut connection)) };
        let answer = self.unless_lost(read).await?;
        if known.is_none() {
            call.answer = (answer.len() <= LONGEST_READ).then(|| answer.clone());
            let sql = self.insert(statement.sql, &call) + " ON CONFLICT DO NOTHING";
            let record = async {
                repeated!(&self.recorder, |connection| {
                    sqlx::query(AssertSqlSafe(sql.clone())).execute(&mut *connection)
                })
            };
            self.unless_lost(record).await?;
            self.push(call);
        }
        Ok(answer)
    }

    async fn try_write(&self, sql: &str, call: &Call, run: &RunRecorded) -> Result<String, Error> {
        let Recorder { pool, policy, .. } = &self.recorder;
        let write = pool.transact_with(policy, |connection| {
            let (run, work) = (run.clone(), self.work.clone());
            let table = self.recorder.records.clone();
            let (sql, mut call) = (sql.to_owned(), call.clone());
            Box::pin(async move {
                let answer = run(&mut *connection).await?;
                call.answer = Some(answer.clone());
                let record = insert(&table, &work, &sql, &call);
                sqlx::query(AssertSqlSafe(record))
                    .execute(connection)
                    .await?;
                Ok(answer)
            })
        });
        self.unless_lost(write).await
    }

    /// The answer to a write, if it was committed.
    async fn is_recorded(&self, call: &Call) -> Result<Option<String>, Error> {
        let sql = format!(
            "SELECT coalesce(answer, '') FROM {} WHERE work = $1 AND number = $2",
            self.recorder.records
        );
        let look = async {
            repeated!(&self.recorder, |connection| {
                sqlx::query_scalar(AssertSqlSafe(sql.clone()))
                    .bind(&self.work)
                    .bind(call.number)
                    .fetch_optional(&mut *connection)
            })
        };
        self.unless_lost(look).await
    }

    async fn unless_lost<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        tokio::select! {
            biased;
            error = self.recorder.lock.lost() => Err(error),
            done = work => done,
        }
    }

    /// A call that may have to be recorded.
    fn call(&self, statement: Recorded<'_>, writes: bool) -> Call {
        Call {
            number: self.calls.last().map_or(1, |last| last.number + 1),
            digest: digest_of(&[statement.sql]),
            digest_with_values: digest_of(&[statement.sql, statement.values]),
            writes,
            answer: None,
            is_passed: false,
        }
    }

    /// Of a statement that was run before, what it answered, if that was kept.
    ///
    /// Values are compared only when the code has changed: a time or a random
    /// key among them is another one each time the same code runs.
    fn pass(&mut self, call: &Call) -> Option<Option<String>> {
        if !self.is_edited
            && let Some(next) = self.calls.get_mut(self.passed)
        {
            if next.digest == call.digest && next.writes == call.writes {
                self.passed += 1;
                next.is_passed = true;
                return Some(next.answer.clone());
            }
            self.is_edited = true;
            tracing::warn!(
                work = self.work,
                number = next.number,
                "the code is no longer what it was when it was interrupted: from here on, its writes \
                 that were run with the same values are not run again"
            );
        }
        if !self.is_edited || !call.writes {
            return None;
        }
        let same = |known: &&mut Call| {
            !known.is_passed && known.writes && known.digest_with_values == call.digest_with_values
        };
        let known = self.calls.iter_mut().find(same)?;
        known.is_passed = true;
        Some(known.answer.clone())
    }

    fn push(&mut self, mut call: Call) {
        call.is_passed = true;
        self.calls.push(call);
        self.passed = self.calls.len();
    }

    fn insert(&self, sql: &str, call: &Call) -> String {
        insert(&self.recorder.records, &self.work, sql, call)
    }
}

/// The record of a call, as a statement without values so that it can be a
/// step of a plan.
fn insert(table: &str, work: &str, sql: &str, call: &Call) -> String {
    let excerpt: String = sql.chars().take(1000).collect();
    let answer = call
        .answer
        .as_ref()
        .map_or_else(|| "NULL".to_owned(), |answer| quote_literal(answer));
    format!(
        "INSERT INTO {table} (work, number, statement, digest, digest_with_values, writes, answer, recorded_at) \
         VALUES ({}, {}, {}, '{}', '{}', {}, {answer}, now())",
        quote_literal(work),
        call.number,
        quote_literal(&excerpt),
        call.digest,
        call.digest_with_values,
        call.writes,
    )
}
