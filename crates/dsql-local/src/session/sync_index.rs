//! `SET disable_sync_create_index = off`: CREATE INDEX without ASYNC goes through on a table without rows.

use dsql_sql::Statement;

use super::Session;
use super::exchange::Trouble;
use super::form::{skip_comments, skip_word};

/// The rule that refuses CREATE INDEX without ASYNC.
const RULE: &str = "index_async";

impl Session {
    /// Whether a statement that `rule` refuses goes through all the same.
    pub(super) async fn may_build_at_once(
        &mut self,
        rule: &str,
        sql: &str,
    ) -> Result<bool, Trouble> {
        if rule != RULE || self.status == b'E' {
            return Ok(false);
        }
        let switch = "SELECT 1 WHERE NOT pg_catalog.current_setting('disable_sync_create_index')::pg_catalog.bool";
        if self.ask(switch).await?.is_none() {
            return Ok(false);
        }
        let Some(asynchronous) = asynchronous(sql) else {
            return Ok(false);
        };
        let statement = Statement::new(&asynchronous);
        dsql_sql::check(&statement)?;
        let Some(ddl) = dsql_sql::async_ddl(&statement) else {
            return Ok(false);
        };
        let rows = format!("SELECT 1 FROM {} LIMIT 1", ddl.table);
        Ok(self.ask(&rows).await?.is_none())
    }

    async fn ask(&mut self, sql: &str) -> Result<Option<String>, Trouble> {
        if self.unsynced {
            self.ask_inside(sql).await
        } else {
            self.hidden(sql).await
        }
    }
}

/// The same statement with ASYNC.
fn asynchronous(sql: &str) -> Option<String> {
    let rest = skip_word(skip_comments(sql), "create")?;
    let rest = skip_word(skip_comments(rest), "unique").unwrap_or(rest);
    let rest = skip_word(skip_comments(rest), "index")?;
    let (before, rest) = sql.split_at(sql.len() - rest.len());
    Some(format!("{before} ASYNC{rest}"))
}

#[cfg(test)]
mod tests {
    use super::asynchronous;

    #[test]
    fn async_is_put_where_it_belongs() {
        let cases = [
            ("CREATE INDEX ON t (a)", Some("CREATE INDEX ASYNC ON t (a)")),
            (
                "create /* a */ unique index\"index\" on t (a)",
                Some("create /* a */ unique index ASYNC\"index\" on t (a)"),
            ),
            ("CREATE TABLE t (a int)", None),
        ];
        for (sql, expected) in cases {
            assert_eq!(asynchronous(sql).as_deref(), expected);
        }
    }
}
