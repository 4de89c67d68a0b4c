//! How many tables, indexes and other objects there may be. They are counted in the catalog when a statement has added
//! to it, in the same transaction.

use dsql_sql::{DroppedColumns, quote_literal};

use super::Session;
use super::exchange::Trouble;
use super::form::Form;
use crate::catalog::ADMIN;
use crate::limits::Limits;
use crate::wire::backend::ServerError;

/// A kind of object that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quota {
    Tables,
    /// The columns of the table that has most.
    Columns,
    /// The indexes of the table that has most.
    Indexes,
    Views,
    Sequences,
    /// The extended statistics of the table that has most.
    Statistics,
}

/// A text of a view that the service was seen to refuse. Where between 131 KiB and this it begins to is not known.
const VIEW_BYTES: usize = 524 * 1024;

/// Not those that the cluster itself has made.
const OF_USERS: &str = "c.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace n \
     WHERE n.oid = c.relnamespace AND (n.nspname = 'sys' OR n.nspname LIKE 'pg\\_%'))";

const SCHEMAS: &str = "SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname NOT LIKE 'pg\\_%' \
     AND nspname NOT IN ('public', 'sys', 'information_schema')";

/// What has to be looked at before a statement is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caution {
    CreatesSchema,
    LongView,
    AltersAdmin,
    Analyze,
}

impl Caution {
    pub(super) fn of(sql: &str) -> Option<Self> {
        let mut words = (sql.split_whitespace())
            .map(|word| word.trim_matches([';', '"', '(']).to_ascii_lowercase());
        let verb = words.next()?;
        let object = words.next().unwrap_or_default();
        match (verb.as_str(), object.as_str()) {
            ("analyze" | "analyse", _) => Some(Self::Analyze),
            ("create", "schema") => Some(Self::CreatesSchema),
            ("alter", "role" | "user" | "group") => {
                (words.next()? == ADMIN).then_some(Self::AltersAdmin)
            }
            ("create", _) if sql.len() > VIEW_BYTES && Quota::of(sql) == [Quota::Views] => {
                Some(Self::LongView)
            }
            _ => None,
        }
    }
}

impl Quota {
    /// What a DDL statement adds to.
    pub(super) fn of(sql: &str) -> &'static [Quota] {
        use Quota::{Columns, Indexes, Sequences, Statistics, Tables, Views};
        let mut words = sql.split_whitespace().map(str::to_ascii_lowercase);
        let verb = words.next().unwrap_or_default();
        let object = words.find(|word| {
            !matches!(
                word.as_str(),
                "or" | "replace" | "recursive" | "unique" | "async"
            )
        });
        match (verb.as_str(), object.as_deref()) {
            ("create", Some("table")) => &[Tables, Columns, Indexes, Sequences],
            ("create", Some("view")) => &[Views],
            ("create", Some("sequence")) => &[Sequences],
            ("create", Some("index")) => &[Indexes],
            ("create", Some("statistics")) => &[Statistics],
            ("create", Some("schema")) => &[Tables, Columns, Indexes, Views, Sequences],
            ("alter", Some("table")) => &[Columns, Indexes, Sequences],
            _ => &[],
        }
    }

    fn count(self) -> String {
        match self {
            Self::Tables => of_kind('r'),
            Self::Views => of_kind('v'),
            Self::Sequences => of_kind('S'),
            Self::Columns => most(
                "pg_catalog.pg_attribute",
                "attrelid",
                "AND r.attnum > 0 AND NOT r.attisdropped",
            ),
            Self::Indexes => most("pg_catalog.pg_index", "indrelid", ""),
            Self::Statistics => most("pg_catalog.pg_statistic_ext", "stxrelid", ""),
        }
    }

    fn limit(self, limits: &Limits) -> u64 {
        match self {
            Self::Tables => limits.tables,
            Self::Columns => limits.columns,
            Self::Indexes => limits.indexes,
            Self::Views => limits.views,
            Self::Sequences => limits.sequences,
            Self::Statistics => limits.statistics,
        }
    }

    fn refusal(self) -> ServerError {
        let (sqlstate, words) = match self {
            Self::Tables => ("54000", "creating more than 1000 tables not allowed"),
            Self::Columns => ("54011", "tables can have at most 255 columns"),
            Self::Indexes => ("54000", "more than 24 indexes per table are not allowed"),
            Self::Views => ("54000", "creating more than 5000 views not allowed"),
            Self::Sequences => ("54000", "creating more than 5000 sequences is not allowed"),
            Self::Statistics => (
                "54000",
                "more than 5 extended statistics per table are not allowed",
            ),
        };
        ServerError::new(sqlstate, words)
    }
}

impl Session {
    /// Refuses a statement that has added to the catalog more than it takes.
    pub(super) async fn check_quotas(&mut self, quotas: &[Quota]) -> Result<(), Trouble> {
        if quotas.is_empty() {
            return Ok(());
        }
        let mut counts: Vec<String> = quotas
            .iter()
            .map(|quota| format!("({})", quota.count()))
            .collect();
        if quotas.contains(&Quota::Columns) {
            counts.push("pg_catalog.dsql_local_default_numerics()".to_owned());
        }
        let sql = format!("SELECT pg_catalog.concat_ws(' ', {})", counts.join(", "));
        let counts = self.ask_inside(&sql).await?.unwrap_or_default();
        for (quota, count) in quotas.iter().zip(counts.split(' ')) {
            let count: u64 = count.parse().unwrap_or(0);
            if count > quota.limit(&self.cluster.limits) {
                return Err(Trouble::Ours(quota.refusal()));
            }
        }
        Ok(())
    }

    /// Refuses what is refused before it is run: one more schema where there are as many as may be (the service looks
    /// for that before it looks whether the schema is there already), a view whose text is too long, and what `admin` and
    /// a transaction cannot be asked for.
    pub(super) async fn check_beforehand(&mut self, form: &Form) -> Result<(), Trouble> {
        if let Some(dropped) = &form.dropped {
            self.check_dropped(dropped).await?;
        }
        let refusal = match form.caution {
            None => return Ok(()),
            Some(Caution::LongView) => ServerError::new("54000", "view definition too large"),
            // That `admin` cannot be altered is documented; the words are those for the schema public.
            Some(Caution::AltersAdmin) => {
                ServerError::new("0A000", "feature not supported on system entity")
            }
            Some(Caution::Analyze) => match &self.transaction {
                // That it is refused is recorded; the words are PostgreSQL's for what it does not allow there.
                Some(open) if !open.implicit => {
                    ServerError::new("25001", "ANALYZE cannot run inside a transaction block")
                }
                _ => return Ok(()),
            },
            Some(Caution::CreatesSchema) => {
                let count = self.ask_inside(SCHEMAS).await?;
                let count: u64 = count.and_then(|count| count.parse().ok()).unwrap_or(0);
                if count < self.cluster.limits.schemas {
                    return Ok(());
                }
                ServerError::new("54000", "more than 10 schemas not allowed")
            }
        };
        Err(Trouble::Ours(refusal))
    }
}

impl Session {
    /// A column of the primary key stays.
    async fn check_dropped(&mut self, dropped: &DroppedColumns) -> Result<(), Trouble> {
        let columns: Vec<String> = dropped
            .columns
            .iter()
            .map(|name| quote_literal(name))
            .collect();
        let sql = format!(
            "SELECT a.attname FROM pg_catalog.pg_index i \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) \
             WHERE i.indrelid = pg_catalog.to_regclass({}) AND i.indisprimary AND a.attname IN ({}) \
             ORDER BY a.attnum LIMIT 1",
            quote_literal(&dropped.table),
            columns.join(", ")
        );
        match self.ask_inside(&sql).await? {
            None => Ok(()),
            Some(column) => Err(Trouble::Ours(ServerError::new(
                "0A000",
                format!("cannot drop primary key column {column}"),
            ))),
        }
    }
}

fn of_kind(kind: char) -> String {
    format!("SELECT count(*) FROM pg_catalog.pg_class c WHERE c.relkind = '{kind}' AND {OF_USERS}")
}

/// The highest number of rows in `catalog` for one table.
fn most(catalog: &str, table: &str, filter: &str) -> String {
    format!(
        "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM {catalog} r JOIN pg_catalog.pg_class c ON c.oid = r.{table} \
         WHERE c.relkind = 'r' AND {OF_USERS} {filter} GROUP BY c.oid) AS each"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_statement_adds_to_is_told_by_its_first_words() {
        assert!(Quota::of("create table if not exists t (a int)").contains(&Quota::Tables));
        assert_eq!(Quota::of("CREATE OR REPLACE VIEW v AS"), [Quota::Views]);
        assert_eq!(
            Quota::of("CREATE UNIQUE INDEX ASYNC i ON t (a)"),
            [Quota::Indexes]
        );
        assert!(Quota::of("DROP TABLE t").is_empty());
        assert!(Quota::of("").is_empty());
    }
}
