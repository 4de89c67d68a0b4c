//! What the status page and the log get to know of a session. Where nobody asks, nothing of this is done.

use dsql_sql::{Kind, quote_literal};

use super::Session;
use super::exchange::Trouble;
use super::form::{Action, Form};
use super::transaction::TO_SAVEPOINT;
use crate::status::{Card, Met, TABLE_AND_KEY, excerpt};
use crate::wire::backend::ServerError;
use crate::wire::frame::Frame;

/// So many rows are named where it is not known which of them it was.
const CANDIDATES: usize = 3;

/// In larger tables they are not looked for.
const PAGES: usize = 1000;

impl Session {
    pub(super) fn card(&self) -> &Card {
        self.handle.card()
    }

    /// A statement begins.
    pub(super) fn show(&self, form: &Form) {
        tracing::trace!(pid = self.upstream.pid(), statement = %excerpt(&form.sql), "statement");
        if self.card().is_shown() {
            let has_effect = matches!(
                form.action,
                Action::Write { .. } | Action::Ddl | Action::Submit { .. }
            );
            let writes = has_effect && form.kind != Kind::Session;
            self.card().statement(&form.sql, writes);
        }
    }

    /// The client is told of an error.
    pub(super) fn show_error(&self, error: &ServerError) {
        tracing::debug!(
            pid = self.upstream.pid(),
            sqlstate = error.sqlstate,
            rule = error.rule,
            message = error.message,
            "refused"
        );
        let Some(board) = &self.cluster.board else {
            return;
        };
        if error.sqlstate == "40001" && error.message.contains("(OC000)") {
            let met = self.card().take_met();
            board.conflict(self.card().side(), met.unwrap_or_default());
        } else {
            board.refused(error, &self.card().current(), self.card().side());
        }
    }

    /// A statement has committed by itself, or is part of a transaction that has.
    pub(super) fn show_written<'a>(&self, tables: impl Iterator<Item = &'a str>) {
        if let Some(board) = &self.cluster.board {
            board.wrote(self.card().side(), tables);
        }
    }

    /// The replay has met a key that another transaction has taken.
    pub(super) fn show_taken_key(&self, frame: &Frame) {
        if !self.card().is_shown() {
            return;
        }
        let error = ServerError::of(frame);
        let key = error.detail.as_deref().and_then(taken_key);
        self.card().meets(Met {
            key: key.unwrap_or_default().to_owned(),
            ..Met::default()
        });
    }

    /// A statement has met rows of `table` that others have changed since the snapshot was taken: which may they be, and
    /// whose changes? Asked at the savepoint.
    pub(super) async fn show_superseded(&mut self, table: &str) -> Result<(), Trouble> {
        let Some(board) = &self.cluster.board else {
            return Ok(());
        };
        let other = board.writer(table);
        let name = quote_literal(table);
        let about = self
            .hidden(&format!(
                "SELECT t.name || pg_catalog.chr(10) || coalesce(t.key, '') FROM (SELECT {TABLE_AND_KEY} \
                 FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass({name}) AND c.relpages < {PAGES}) \
                 AS t(name, key)"
            ))
            .await?;
        let about = about.unwrap_or_default();
        let (full_name, key) = about.split_once('\n').unwrap_or_default();
        let mut keys = None;
        if !key.is_empty() {
            let found = self
                .hidden(&format!(
                    "SELECT pg_catalog.string_agg(k, ' or ') FROM (SELECT {key} AS k FROM {full_name} \
                     WHERE xmax::text <> '0' AND pg_catalog.pg_xact_status(xmax::text::pg_catalog.xid8) = 'committed' \
                     LIMIT {CANDIDATES}) AS changed"
                ))
                .await;
            keys = match found {
                Ok(keys) => keys,
                Err(Trouble::Upstream(_)) => self.hidden(TO_SAVEPOINT).await?,
                Err(trouble) => return Err(trouble),
            };
        }
        let met = Met {
            table: full_name.to_owned(),
            key: keys.unwrap_or_default(),
            other,
        };
        self.card().meets(met);
        Ok(())
    }
}

/// The values in `Key (id)=(7) already exists.`
fn taken_key(detail: &str) -> Option<&str> {
    let (_, rest) = detail.split_once(")=(")?;
    Some(&rest[..rest.rfind(") ")?])
}

#[cfg(test)]
mod tests {
    use super::taken_key;

    #[test]
    fn the_key_that_is_taken_is_read() {
        assert_eq!(taken_key("Key (id)=(7) already exists."), Some("7"));
        assert_eq!(
            taken_key("Key (a, b)=(x) y, 2) already exists."),
            Some("x) y, 2")
        );
        assert_eq!(taken_key("nonsense"), None);
    }
}
