//! Explicit transactions: the savepoint they begin with, the log they are replayed from, and how they end.

use std::hash::Hasher;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use dsql_sql::transaction::TransactionState;
use dsql_sql::{Kind, Refusal, Statement, quote_literal};

use super::exchange::{NO_TYPES, NO_VALUES, Settled, Show, Trouble};
use super::form::{Action, Form};
use super::schema::may_do_nothing;
use super::watch::Seen;
use super::written::Written;
use super::{Portal, Session};
use crate::conflict::Wound;
use crate::reach::may_change_reach;
use crate::wire::backend::ServerError;
use crate::wire::frame::Frame;

const SAVEPOINT_NAME: &str = "dsql.savepoint";
const SAVEPOINT: &str = "SAVEPOINT \"dsql.start\"";
pub(super) const TO_SAVEPOINT: &str = "ROLLBACK TO SAVEPOINT \"dsql.start\"";

/// Deadlocks between replays end at random; this often in a row none of a transaction's own making has been seen.
const REPLAYS: u32 = 20;

const DEADLOCK: &str = "40P01";

#[derive(Debug)]
pub(super) struct Transaction {
    started: Instant,
    rules: TransactionState,
    pub(super) written: Written,
    log: Vec<Logged>,
    wound: Option<Wound>,
    /// A DDL statement was run that found something to do.
    pub(super) changes_catalog: bool,
    /// COMMIT will fail with this.
    doom: Option<Refusal>,
    /// Tables that a transaction which is lost goes on with copies of, as statements name them.
    shadowed: Vec<String>,
    /// Those that are copied: schemas and names.
    copies: Vec<(String, String)>,
    /// Begun by the cluster around several statements in one string; the client knows of none.
    pub(super) implicit: bool,
}

/// A statement that has an effect, with what it takes to run it again.
#[derive(Clone, Debug)]
pub(super) struct Logged {
    pub(super) form: Arc<Form>,
    types: Bytes,
    values: Bytes,
    /// What a COPY brought.
    pub(super) copied: Vec<Frame>,
    pub(super) seen: Seen,
    answer: Option<Answer>,
}

/// What the client was told: the same rows, the same tag.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    rows: u64,
    tag: Bytes,
}

impl Logged {
    pub(super) fn simple(form: &Arc<Form>) -> Self {
        Self {
            form: Arc::clone(form),
            types: Bytes::from_static(&NO_TYPES),
            values: Bytes::from_static(&NO_VALUES),
            copied: Vec::new(),
            seen: Seen::default(),
            answer: None,
        }
    }

    pub(super) fn bound(portal: &Portal) -> Self {
        Self {
            form: Arc::clone(&portal.prepared.form),
            types: portal.prepared.types.clone(),
            values: portal.values.clone(),
            copied: Vec::new(),
            seen: Seen::default(),
            answer: None,
        }
    }
}

impl Session {
    /// The transaction's rules, or those of the implicit one.
    pub(super) fn rules(&mut self) -> &mut TransactionState {
        match &mut self.transaction {
            Some(transaction) => &mut transaction.rules,
            None => &mut self.implicit,
        }
    }

    /// Whether `kind` may stand in the transaction: one DDL, never with DML, not too late.
    pub(super) fn admit(&mut self, kind: Kind) -> Result<(), Trouble> {
        Ok(self.rules().admit(kind)?)
    }

    /// Whether the transaction is not too old for this statement.
    pub(super) fn check_age(&self, form: &Form) -> Result<(), Trouble> {
        match (&self.transaction, &form.action) {
            // COMMIT has its own look, and a failed transaction has one answer to everything.
            (_, Action::Commit | Action::Rollback | Action::Empty) | (None, _) => Ok(()),
            (Some(transaction), _) if self.status == b'T' => {
                transaction.check_age(self.cluster.limits.age)
            }
            _ => Ok(()),
        }
    }

    /// PostgreSQL has begun a transaction for the client; the savepoint is on its way.
    pub(super) fn begun(&mut self, implicit: bool) {
        self.knows_savepoint = true;
        self.status = b'T';
        self.cluster.registry.begin(&self.handle);
        self.transaction = Some(Transaction {
            started: Instant::now(),
            rules: TransactionState::default(),
            written: self.nothing_written(),
            log: Vec::new(),
            wound: None,
            // DDL before a BEGIN in the same pipeline is part of what that begins.
            changes_catalog: std::mem::take(&mut self.implicit_changes_catalog),
            doom: None,
            shadowed: Vec::new(),
            copies: Vec::new(),
            implicit,
        });
    }

    /// Adds the savepoint behind a BEGIN: a statement that is parsed once a session.
    pub(super) fn send_savepoint(&mut self) -> std::io::Result<()> {
        if !self.knows_savepoint {
            self.send_hidden_parse(SAVEPOINT_NAME, SAVEPOINT)?;
        }
        self.send_hidden_execute(SAVEPOINT_NAME)
    }

    /// Begins a transaction that the client does not see.
    pub(super) async fn begin_hidden(&mut self) -> Result<(), Trouble> {
        self.send_hidden("BEGIN")?;
        self.send_savepoint()?;
        self.settle_unsynced().await?;
        self.begun(true);
        Ok(())
    }

    /// Whether COMMIT may be sent.
    async fn may_commit(&mut self) -> Result<(), Trouble> {
        let Some(transaction) = &self.transaction else {
            return Ok(());
        };
        if self.status == b'E' {
            return Ok(());
        }
        let verdict = match &transaction.doom {
            Some(doom) => Err(Trouble::from(doom.clone())),
            None => transaction.check_age(self.cluster.limits.age),
        };
        let verdict = match verdict {
            Ok(()) => self.check_size().await,
            Err(trouble) => Err(trouble),
        };
        match verdict {
            // An earlier statement of the batch has failed.
            Ok(()) | Err(Trouble::Upstream(_)) => verdict,
            Err(trouble) => self.refuse_commit(trouble).await,
        }
    }

    async fn refuse_commit(&mut self, trouble: Trouble) -> Result<(), Trouble> {
        self.settle_unsynced().await?;
        self.roll_back_hidden().await?;
        Err(trouble)
    }

    /// Sends what `send` adds, the COMMIT `sql`, so that of two transactions that conflict only one goes through.
    pub(super) async fn commit(
        &mut self,
        sql: &str,
        send: impl FnOnce(&mut Self) -> std::io::Result<()>,
    ) -> Result<(), Trouble> {
        self.may_commit().await?;
        let cluster = Arc::clone(&self.cluster);
        // Of two that change the catalog only one goes through, too.
        let has_ddl = (self.transaction.as_ref()).is_some_and(Transaction::has_ddl);
        let alone = if has_ddl || self.handle.has_edges() {
            // What came before may wait for locks of another who is about to commit.
            self.settle_unsynced().await?;
            Some(cluster.registry.commits.lock().await)
        } else {
            None
        };
        if self.handle.is_doomed() && self.status != b'E' {
            return self.refuse_commit(Refusal::conflict().into()).await;
        }
        if let Err(trouble) = self.check_catalog_at_commit() {
            return self.refuse_commit(trouble).await;
        }
        let fault = self.fault_at_commit(sql);
        if let Some(fault) = fault
            && !fault.committed
        {
            let trouble = self.befall(fault.mishap);
            return self.refuse_commit(trouble).await;
        }
        send(self)?;
        let outcome = self.settle().await;
        if outcome.is_err() {
            // What failed may stand before the COMMIT, which then was passed over.
            if self.unsynced {
                self.send_sync();
                self.settle().await?;
            }
            if self.status == b'E' {
                return outcome.map(drop);
            }
        }
        let committed = outcome.is_ok() && is_commit(self.held.as_ref());
        self.status = b'I';
        let ended = self.transaction.take();
        let started_jobs = ended.as_ref().is_some_and(Transaction::has_jobs);
        let changes_catalog =
            (ended.as_ref()).is_some_and(|transaction| transaction.changes_catalog);
        if committed {
            self.show_written(ended.iter().flat_map(Transaction::tables));
            cluster.registry.committed(&self.handle);
            if changes_catalog || started_jobs {
                self.catalog_changed();
            }
        } else {
            self.handle.rolled_back();
        }
        drop(alone);
        if committed && started_jobs {
            cluster.jobs.wake();
        }
        outcome?;
        match fault {
            Some(fault) => Err(self.befall_committed(fault.mishap)),
            None => Ok(()),
        }
    }

    /// Why the transaction can't commit, when that is certain already.
    pub(super) fn doom_of_transaction(&self) -> Option<&Refusal> {
        self.transaction.as_ref()?.doom.as_ref()
    }

    /// The client's ROLLBACK has been answered.
    pub(super) fn rolled_back(&mut self) {
        self.transaction = None;
        self.status = b'I';
        self.handle.rolled_back();
    }

    pub(super) async fn roll_back_hidden(&mut self) -> Result<(), Trouble> {
        self.hidden("ROLLBACK").await?;
        self.rolled_back();
        Ok(())
    }

    /// Somebody waits for this session's locks while its client is silent.
    pub(super) async fn yield_locks(&mut self, wound: Wound) -> std::io::Result<()> {
        let can = self.status == b'T'
            && (self.transaction.as_ref()).is_some_and(|open| open.wound.is_none());
        if !can {
            return Ok(());
        }
        match self.hidden(TO_SAVEPOINT).await {
            Err(Trouble::Closed(error)) => return Err(error),
            Err(_) => tracing::warn!("PostgreSQL refused to return to the first savepoint"),
            Ok(_) => self.handle.yielded(),
        }
        let reading = self.lose_portals();
        if let Some(transaction) = &mut self.transaction {
            tracing::debug!(?wound, statements = transaction.log.len(), "wounded");
            transaction.wound = Some(wound);
            if reading {
                transaction.doom = Some(wound.refusal());
            }
        }
        Ok(())
    }

    /// The portals have gone with a return to the savepoint. True when rows of one were being read: it can't be had again
    /// at the row that it had come to.
    fn lose_portals(&mut self) -> bool {
        let reading = self.portals.values().any(|portal| portal.in_portions);
        self.portals.retain(|_, portal| !portal.started);
        for portal in self.portals.values_mut() {
            portal.is_lost = true;
        }
        reading
    }

    /// The client speaks again: what a wound has undone is done again, under the same snapshot.
    pub(super) async fn resume(&mut self) -> std::io::Result<()> {
        let Some(wound) = (self.transaction.as_mut()).and_then(|open| open.wound.take()) else {
            return Ok(());
        };
        let lost = self.doom_of_transaction().cloned();
        let resumed = match lost {
            Some(refusal) => self.doom(refusal, &[]).await.map(|()| true),
            None => self.replay().await,
        };
        let resumed = match resumed {
            Ok(true) => Ok(()),
            Ok(false) => self.doom(wound.refusal(), &[]).await,
            Err(trouble) => Err(trouble),
        };
        match resumed {
            Err(Trouble::Closed(error)) => Err(error),
            Err(_) => {
                if let Some(transaction) = &mut self.transaction {
                    transaction.doom = Some(wound.refusal());
                }
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Runs the log again from the savepoint. False when an answer is not what it was.
    async fn replay(&mut self) -> Result<bool, Trouble> {
        let log = match &mut self.transaction {
            Some(transaction) => std::mem::take(&mut transaction.log),
            None => return Ok(true),
        };
        let mut replayed = Ok(false);
        for attempt in 1..=REPLAYS {
            replayed = self.replay_log(&log).await;
            match &replayed {
                Ok(true) => break,
                Err(Trouble::Upstream(frame)) => {
                    self.show_taken_key(frame);
                    let deadlock = ServerError::of(frame).sqlstate == DEADLOCK;
                    self.hidden(TO_SAVEPOINT).await?;
                    replayed = Ok(false);
                    if !deadlock {
                        break;
                    }
                    pause(attempt).await;
                }
                Ok(false) => {
                    self.hidden(TO_SAVEPOINT).await?;
                    break;
                }
                Err(_) => break,
            }
        }
        if let Some(transaction) = &mut self.transaction {
            transaction.log = log;
        }
        replayed
    }

    async fn replay_log(&mut self, log: &[Logged]) -> Result<bool, Trouble> {
        for logged in log {
            let answer = self.run_again(logged, Show::EndOnly).await?;
            if logged.answer.as_ref() != Some(&answer) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Runs a logged statement by the session's own means.
    async fn run_again(&mut self, logged: &Logged, show: Show) -> Result<Answer, Trouble> {
        self.record();
        let form = self.among_copies(&logged.form);
        if form.is_copy {
            self.send_query(form.upstream(), show)?;
            if self.settle().await? == Settled::CopyIn {
                self.copy_again(&logged.copied);
                self.settle().await?;
            }
        } else {
            self.send_hidden_bound(form.upstream(), &logged.types, &logged.values, show)?;
            self.send_sync();
            self.settle().await?;
        }
        Ok(self.answer())
    }

    /// A conflict is certain: COMMIT will fail. Until then the transaction goes on, so that its statements answer what
    /// they would on the service: among copies of the tables that it can't write any more, as they are in its snapshot.
    ///
    /// A copy takes time in step with its table, so only what must be is copied: `tables`, and what the log trips over.
    async fn doom(&mut self, refusal: Refusal, tables: &[String]) -> Result<(), Trouble> {
        let log = match &mut self.transaction {
            Some(transaction) => {
                transaction.doom = Some(refusal);
                std::mem::take(&mut transaction.log)
            }
            None => return Ok(()),
        };
        self.will_shadow(tables);
        let mut left_out = vec![false; log.len()];
        let mut outcome = Ok(());
        for _ in 0..REPLAYS {
            outcome = self.replay_among_copies(&log, &left_out).await;
            let Err((place, Trouble::Upstream(_))) = &outcome else {
                break;
            };
            self.hidden(TO_SAVEPOINT).await?;
            // What was answered once stays answered; what fails among the copies, too, is left out.
            let is_new = place.is_some_and(|place| self.will_shadow(&log[place].form.targets));
            match place {
                Some(place) if !is_new => left_out[*place] = true,
                Some(_) => {}
                None => break,
            }
        }
        if let Some(transaction) = &mut self.transaction {
            transaction.log = log;
        }
        match outcome {
            Err((_, Trouble::Closed(error))) => Err(Trouble::Closed(error)),
            _ => Ok(()),
        }
    }

    /// Runs the log of a transaction that is lost; says which statement failed.
    async fn replay_among_copies(
        &mut self,
        log: &[Logged],
        left_out: &[bool],
    ) -> Result<(), (Option<usize>, Trouble)> {
        let tables = (self.transaction.as_mut()).map_or_else(Vec::new, |open| {
            open.copies.clear();
            open.shadowed.clone()
        });
        for table in &tables {
            self.shadow(table)
                .await
                .map_err(|trouble| (None, trouble))?;
        }
        for (place, logged) in log.iter().enumerate() {
            // What only locked rows has nothing left to lock them for.
            if left_out[place] || logged.form.unlocked.is_some() {
                continue;
            }
            self.run_again(logged, Show::EndOnly)
                .await
                .map_err(|trouble| (Some(place), trouble))?;
        }
        Ok(())
    }

    /// Whether any of `tables` was not among those that are copied.
    fn will_shadow(&mut self, tables: &[String]) -> bool {
        let Some(transaction) = &mut self.transaction else {
            return false;
        };
        let before = transaction.shadowed.len();
        for table in tables {
            if !transaction.shadowed.contains(table) {
                transaction.shadowed.push(table.clone());
            }
        }
        transaction.shadowed.len() > before
    }

    /// Puts a copy of `table` in front of it, for the rest of the transaction. Not of one whose name, without its schema,
    /// is another's: that would stand in front of the other.
    async fn shadow(&mut self, table: &str) -> Result<(), Trouble> {
        let name = quote_literal(table);
        let found = self
            .hidden(&format!(
                "SELECT n.nspname || pg_catalog.chr(10) || c.relname FROM pg_catalog.pg_class c \
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                 WHERE c.oid = pg_catalog.to_regclass({name}) AND c.relpersistence <> 't' AND c.relkind = 'r' \
                 AND coalesce(pg_catalog.to_regclass(pg_catalog.quote_ident(c.relname)) = c.oid, true)"
            ))
            .await?;
        let Some((schema, table)) = found.as_deref().and_then(|found| found.split_once('\n'))
        else {
            return Ok(());
        };
        self.hidden(&format!("SELECT pg_catalog.dsql_local_shadow({name})"))
            .await?;
        self.hidden("DISCARD PLANS").await?;
        if let Some(transaction) = &mut self.transaction {
            transaction
                .copies
                .push((schema.to_owned(), table.to_owned()));
        }
        Ok(())
    }

    /// The statement as a transaction that is lost runs it: names with a schema would not lead to the copies.
    pub(super) fn among_copies(&mut self, form: &Arc<Form>) -> Arc<Form> {
        let copies = match &self.transaction {
            Some(transaction) if !transaction.copies.is_empty() => &transaction.copies,
            _ => return Arc::clone(form),
        };
        match Statement::new(&form.sql).scan().without_schemas(copies) {
            Some(text) => self.forms.of(&text),
            None => Arc::clone(form),
        }
    }

    /// Decides about the client's statement that PostgreSQL has answered with `outcome`: counts its rows, logs it, or
    /// finds that it met a conflict. The end of its answer is still held.
    pub(super) async fn conclude(
        &mut self,
        logged: Logged,
        outcome: Result<Settled, Trouble>,
        protocol: Protocol,
    ) -> Result<(), Trouble> {
        match outcome {
            Ok(_) => {
                let answer = self.answer();
                self.account(logged, answer)
            }
            Err(Trouble::Upstream(frame)) if self.transaction.is_some() => {
                self.second_look(logged, frame, protocol).await
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// Whether the statement may commit by itself before it is looked at: nothing that it can do goes over a limit.
    pub(super) fn may_commit_unseen(&self, form: &Form) -> bool {
        match form.kind {
            Kind::Write => {
                let limits = &self.cluster.limits;
                form.has_few_rows(limits.rows)
                    && !self.may_be_too_much(form)
                    && !self.brought.is_much(limits)
                    && !self.brought.is_too_much(limits)
                    && !form.makes_values
            }
            // What changes the catalog commits only when nobody else has changed it meanwhile.
            Kind::Ddl if self.cluster.catalog.counts() => false,
            _ => form.quotas.is_empty() && !may_do_nothing(form),
        }
    }

    /// Holds what the statement has done against the limits that are not counted in rows.
    pub(super) async fn check_written(&mut self, form: &Form, seen: Seen) -> Result<(), Trouble> {
        if let Some(sequel) = &form.sequel {
            self.ask_inside(sequel).await?;
        }
        self.check_quotas(form.quotas).await?;
        let limits = &self.cluster.limits;
        let long = limits.value.min(limits.row);
        if seen.stored.is_some_and(|stored| stored > long) {
            return self.check_values().await;
        }
        if form.kind == Kind::Write && self.brought.is_much(&self.cluster.limits) {
            self.check_values().await?;
        }
        Ok(())
    }

    /// DEALLOCATE ALL takes the session's own statements, too.
    pub(super) fn forget_hidden(&mut self, form: &Form) {
        let keeps = form.kind != Kind::Session;
        self.knows_savepoint &= keeps;
        if !keeps {
            self.known_readings.clear();
        }
    }

    fn account(&mut self, mut logged: Logged, answer: Answer) -> Result<(), Trouble> {
        if let Some(rows) = logged.seen.changes {
            self.count_rows(rows)?;
        } else if logged.form.kind == Kind::Write {
            self.count_rows(rows_of(&answer.tag))?;
        }
        self.mappings_changed |= logged.form.is_mapping;
        self.left_job |= logged.form.drops_table;
        self.reach_changed |= logged.form.kind == Kind::Ddl && may_change_reach(&logged.form.sql);
        if self.transaction.is_none() {
            self.show_written(logged.form.targets.iter().map(String::as_str));
        }
        if let Some(transaction) = &mut self.transaction {
            logged.answer = Some(answer);
            transaction.log.push(logged);
        }
        Ok(())
    }

    /// PostgreSQL refused at once what the service refuses only at COMMIT: a row that somebody has changed since the
    /// snapshot was taken, or a key that somebody has taken since.
    async fn second_look(
        &mut self,
        logged: Logged,
        mut frame: Frame,
        protocol: Protocol,
    ) -> Result<(), Trouble> {
        let mut error = ServerError::of(&frame);
        let answer_begins = self.answer_begins;
        let mut attempt = 0;
        loop {
            if !may_be_conflict(&logged.form, &error) || !self.rewind() {
                return Err(Trouble::Upstream(frame));
            }
            if self.unsynced {
                self.send_sync();
                self.settle().await?;
            }
            self.hidden(TO_SAVEPOINT).await?;
            self.handle.yielded();
            self.lose_portals();
            pause(attempt).await;
            attempt += 1;
            if error.sqlstate != DEADLOCK || attempt > REPLAYS || !self.replay().await? {
                break;
            }
            match self.try_again(logged.clone(), protocol).await {
                Err(Trouble::Upstream(again)) => {
                    frame = again;
                    error = ServerError::of(&frame);
                    self.answer_begins = answer_begins;
                }
                tried => return tried,
            }
        }
        let form = Arc::clone(&logged.form);
        if let Some(table) = form.targets.first() {
            self.show_taken_key(&frame);
            self.show_superseded(table).await?;
            self.doom(Refusal::conflict(), &form.targets).await?;
            match self.try_again(logged, protocol).await {
                // Among the copies too: said of the table, not of its copy.
                Err(Trouble::Upstream(again)) if ServerError::of(&again) == error => {
                    Err(Trouble::Upstream(frame))
                }
                tried => tried,
            }
        } else if let Some(unlocked) = &form.unlocked {
            self.doom(Refusal::conflict(), &[]).await?;
            let form = Arc::new(Form::of(unlocked));
            self.try_again(Logged { form, ..logged }, protocol).await
        } else {
            Err(Refusal::conflict().into())
        }
    }

    async fn try_again(&mut self, logged: Logged, protocol: Protocol) -> Result<(), Trouble> {
        if protocol == Protocol::Simple {
            let form = self.among_copies(&logged.form);
            self.send_described(&form)?;
        }
        let answer = self.run_again(&logged, Show::AllButEnd).await?;
        self.account(logged, answer)
    }

    /// The place that the answer has come to.
    pub(super) fn here(&self) -> Place {
        Place {
            sent: self.client.sent,
            length: self.client.output.len(),
        }
    }

    /// Takes back what was answered to the statement; false when the client has some of it already.
    pub(super) fn rewind(&mut self) -> bool {
        let can = self.client.sent == self.answer_begins.sent;
        if can {
            self.client.output.truncate(self.answer_begins.length);
        }
        can
    }

    /// Starts to take in the rows of an answer.
    pub(super) fn record(&mut self) {
        self.recording = Some(std::hash::DefaultHasher::new());
        self.held = None;
        self.answer_begins = self.here();
    }

    fn answer(&mut self) -> Answer {
        let recording = self.recording.take();
        let tag = (self.held.as_ref()).map(|frame| Bytes::copy_from_slice(frame.body()));
        Answer {
            rows: recording.map_or(0, |recording| recording.finish()),
            tag: tag.unwrap_or_default(),
        }
    }
}

/// A place in what is on its way to the client.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    sent: u64,
    length: usize,
}

/// How the client has sent its statement, and so what it awaits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Rows come with their description.
    Simple,
    Extended,
}

impl Transaction {
    fn check_age(&self, limit: Duration) -> Result<(), Trouble> {
        let age = self.started.elapsed();
        if age > limit {
            return Err(Refusal::age_limit(age.as_secs()).into());
        }
        Ok(())
    }

    /// The texts of the statements that changed or locked something.
    pub(super) fn effects(&self) -> impl Iterator<Item = &str> {
        (self.log.iter())
            .filter(|logged| logged.form.kind != Kind::Session)
            .map(|logged| &*logged.form.sql)
    }

    /// The tables that were changed, as the statements name them.
    fn tables(&self) -> impl Iterator<Item = &str> {
        self.log
            .iter()
            .flat_map(|logged| &logged.form.targets)
            .map(String::as_str)
    }

    fn has_ddl(&self) -> bool {
        self.log.iter().any(|logged| logged.form.kind == Kind::Ddl)
    }

    fn has_jobs(&self) -> bool {
        (self.log.iter()).any(|logged| matches!(logged.form.action, Action::Submit { .. }))
    }
}

impl Wound {
    /// What COMMIT says when the wounded statements can't be had again.
    fn refusal(self) -> Refusal {
        match self {
            Self::Row => Refusal::conflict(),
            Self::Schema => Refusal::schema_changed(),
        }
    }
}

/// Whether PostgreSQL refused at once what the service may refuse only at COMMIT.
fn may_be_conflict(form: &Form, error: &ServerError) -> bool {
    match error.sqlstate.as_str() {
        "40001" | DEADLOCK => true,
        // Of the catalog it is two who name an object alike.
        "23505" => form.kind != Kind::Ddl,
        _ => false,
    }
}

/// Lets whoever met this transaction in a deadlock go first, or not.
async fn pause(attempt: u32) {
    let pause = fastrand::u64(0..=u64::from(attempt) * 2);
    if pause > 0 {
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

/// The service's words for what PostgreSQL says in its own; none where they are the same.
pub(super) fn in_words_of_the_service(frame: &Frame) -> Option<ServerError> {
    let error = ServerError::of(frame);
    let refusal = match error.sqlstate.as_str() {
        "40001" | "40P01" => Refusal::conflict(),
        // Two sessions have changed the catalog at once.
        "XX000" if error.message.starts_with("tuple concurrently ") => Refusal::schema_changed(),
        "23505" if error.message.contains("unique constraint \"pg_") => Refusal::schema_changed(),
        "54000" if error.message.starts_with("index row ") => {
            return Some(ServerError::new("54000", "key size too large"));
        }
        _ => return None,
    };
    Some(ServerError::from(&refusal))
}

fn is_commit(complete: Option<&Frame>) -> bool {
    complete.is_some_and(|frame| frame.body() == b"COMMIT\0")
}

/// How many rows a tag says were changed: the number at its end.
fn rows_of(tag: &[u8]) -> u64 {
    let tag = String::from_utf8_lossy(tag);
    (tag.trim_end_matches('\0').rsplit(' ').next())
        .and_then(|count| count.parse().ok())
        .unwrap_or(0)
}
