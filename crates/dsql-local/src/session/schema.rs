//! OC001: another session has changed the catalog since this one last looked.

use std::sync::Arc;

use dsql_sql::{Kind, Refusal};

use super::Session;
use super::exchange::Trouble;
use super::form::{Action, Form};

const TRANSACTION_NUMBER: &str = "SELECT pg_catalog.pg_current_xact_id_if_assigned()";

/// Whether the statement is DDL that is passed over where an object exists, or does not.
pub(super) fn may_do_nothing(form: &Form) -> bool {
    form.kind == Kind::Ddl
        && (form.sql.split(|byte: char| !byte.is_ascii_alphabetic()))
            .any(|word| word.eq_ignore_ascii_case("exists"))
}

impl Session {
    /// Refuses a statement, once, when the session knows an older catalog. The refusal brings it up to date.
    ///
    /// A session that has run nothing yet knows none, and so none that is old.
    pub(super) async fn check_catalog(&mut self, form: &Form) -> Result<(), Trouble> {
        let version = self.cluster.catalog.now();
        if self.catalog == Some(version) {
            return Ok(());
        }
        match form.action {
            Action::Empty
            | Action::Begin
            | Action::Commit
            | Action::Rollback
            | Action::WaitForJob(_) => return Ok(()),
            _ if form.kind == Kind::Session => {
                if form.sets_search_path() {
                    self.catalog = Some(version);
                }
                return Ok(());
            }
            _ => {}
        }
        self.settle_unsynced().await?;
        if self.status == b'E' {
            return Ok(());
        }
        match self.catalog.replace(version) {
            None => Ok(()),
            Some(_old) => Err(Refusal::schema_changed().into()),
        }
    }

    /// The same at the COMMIT of a transaction that has changed or locked something; one that only read is spared.
    pub(super) fn check_catalog_at_commit(&mut self) -> Result<(), Trouble> {
        let version = self.cluster.catalog.now();
        if self.catalog == Some(version) || self.status == b'E' {
            return Ok(());
        }
        let wrote = (self.transaction.as_ref()).is_some_and(|open| open.effects().next().is_some());
        if !wrote {
            return Ok(());
        }
        self.catalog = Some(version);
        Err(Refusal::schema_changed().into())
    }

    /// Whether the DDL statement that has just been run, and is not committed yet, has changed anything:
    /// `IF NOT EXISTS` and `IF EXISTS` may find nothing to do.
    pub(super) async fn has_changed_catalog(&mut self, form: &Form) -> Result<bool, Trouble> {
        if !may_do_nothing(form) {
            return Ok(true);
        }
        // PostgreSQL numbers a transaction when it first writes.
        let number = self.ask_inside(TRANSACTION_NUMBER).await?;
        Ok(number.is_some())
    }

    /// A statement has changed the catalog: when its transaction commits, or now, where it has committed already.
    pub(super) fn changes_catalog(&mut self) {
        match &mut self.transaction {
            Some(transaction) => transaction.changes_catalog = true,
            None if self.unsynced => self.implicit_changes_catalog = true,
            None => self.catalog_changed(),
        }
    }

    /// Commits the implicit transaction by a Sync. Of two that change the catalog at once the second fails.
    pub(super) async fn end_implicit(&mut self) -> Result<(), Trouble> {
        let cluster = Arc::clone(&self.cluster);
        let changes_catalog = std::mem::take(&mut self.implicit_changes_catalog);
        let alone = if changes_catalog {
            // What came before may wait for locks of another who is about to commit.
            self.settle_unsynced().await?;
            Some(cluster.registry.commits.lock().await)
        } else {
            None
        };
        let version = self.cluster.catalog.now();
        if changes_catalog && self.catalog.replace(version) != Some(version) {
            return Err(Refusal::schema_changed().into());
        }
        self.send_sync();
        self.settle().await?;
        if changes_catalog {
            self.catalog_changed();
        }
        drop(alone);
        Ok(())
    }

    /// This session has changed the catalog. Its own change is no news to it.
    pub(super) fn catalog_changed(&mut self) {
        let (before, after) = self.cluster.catalog.change();
        if self.catalog.is_none_or(|known| known == before) {
            self.catalog = Some(after);
        }
    }

    /// The session has seen what the catalog is now.
    pub(super) fn refresh_catalog(&mut self) {
        self.catalog = Some(self.cluster.catalog.now());
    }
}
