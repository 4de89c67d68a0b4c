//! Which statements may change more rows than their command tag tells, and which may store more than they bring.
//!
//! That hangs on what the catalog holds: tables whose rows others cascade from, functions that write, columns that are
//! filled from elsewhere. It is read once a change of the catalog, by the first statement that has to know.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

use crate::catalog::connect_as_superuser;
use crate::conflict::Registry;
use crate::upstream::{Address, Upstream};

/// Names, and what stands behind those of functions and views. Nothing here may take a lock on a user's object, which
/// the session that asks may itself have locked: so not the text of a view, but what it depends on, and a body that is
/// kept parsed counts as one that writes.
const QUERY: &str = "\
SELECT 'table', c.relname, '' FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.confrelid \
WHERE k.contype = 'f' AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd')) \
UNION ALL \
SELECT 'function', p.proname, CASE WHEN p.prosqlbody IS NULL THEN p.prosrc ELSE 'insert' END \
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
WHERE p.oid >= 16384 AND p.provolatile = 'v' AND n.nspname NOT IN ('pg_catalog', 'sys') \
UNION ALL \
SELECT 'view', v.relname, pg_catalog.string_agg(coalesce(c.relname, p.proname), ' ') \
FROM pg_catalog.pg_class v JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace \
JOIN pg_catalog.pg_rewrite w ON w.ev_class = v.oid \
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid \
LEFT JOIN pg_catalog.pg_class c ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass \
AND c.oid = d.refobjid AND c.oid <> v.oid \
LEFT JOIN pg_catalog.pg_proc p ON d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = d.refobjid \
WHERE v.oid >= 16384 AND v.relkind = 'v' AND n.nspname <> 'sys' GROUP BY v.oid, v.relname \
UNION ALL \
SELECT DISTINCT 'filled', c.relname, '' FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
WHERE c.oid >= 16384 AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attlen = -1 \
AND (t.typtype = 'd' OR t.oid = 'pg_catalog.bpchar'::pg_catalog.regtype \
OR d.adbin::text NOT LIKE '{CONST %' OR pg_catalog.length(d.adbin::text) > 2000)";

/// What is to be looked for in a statement. Empty in a cluster without cascades and functions that write.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Tables that others cascade from, and views of them: a DELETE or UPDATE may go on elsewhere.
    parents: HashSet<String>,
    /// Functions that change rows, and views that call them: whatever names them may write.
    writers: HashSet<String>,
    /// Tables, by their whole names, with a column that a row may be long by and that is padded, computed or filled by
    /// default.
    filled: HashSet<String>,
}

/// The reach as the catalog has it now.
#[derive(Debug, Default)]
pub(crate) struct Reaches {
    version: AtomicU64,
    /// With the version that it was read at.
    known: Mutex<Option<(u64, Arc<Reach>)>>,
    connection: AsyncMutex<Option<Upstream>>,
}

impl Reaches {
    /// The catalog has changed, and the change is there for everybody.
    pub(crate) fn changed(&self) {
        self.version.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// The reach, with the version that it is good for.
    pub(crate) async fn get(
        &self,
        address: &Address,
        registry: &Registry,
    ) -> io::Result<(u64, Arc<Reach>)> {
        let mut connection = self.connection.lock().await;
        let version = self.version();
        {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = &*known
                && known.0 == version
            {
                return Ok(known.clone());
            }
        }
        // Taken out while it is used: a caller dropped half-way leaves no half-read answer behind. A kept one may have
        // been lost with the PostgreSQL it led to.
        let kept = match connection.take() {
            Some(mut kept) => match kept.rows(QUERY, Some(registry)).await {
                Ok(answer) => Some((kept, answer)),
                Err(_lost) => None,
            },
            None => None,
        };
        let (upstream, answer) = match kept {
            Some(answered) => answered,
            None => {
                let mut fresh = connect_as_superuser(address).await?;
                let answer = fresh.rows(QUERY, Some(registry)).await?;
                (fresh, answer)
            }
        };
        *connection = Some(upstream);
        let rows = answer.map_err(|error| io::Error::other(error.message))?;
        let fresh = (version, Arc::new(Reach::of(&rows)));
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh.clone());
        Ok(fresh)
    }
}

impl Reach {
    fn of(rows: &[Vec<Option<String>>]) -> Self {
        let mut reach = Self::default();
        let mut rest = Vec::new();
        for row in rows {
            let [Some(kind), Some(name), Some(text)] = row.as_slice() else {
                continue;
            };
            if kind == "filled" {
                reach.filled.insert(name.clone());
                continue;
            }
            // Of a name that needs quotes, its first word will do.
            let Some(name) = words(name).next() else {
                continue;
            };
            match kind.as_str() {
                "table" => {
                    reach.parents.insert(name);
                }
                "function" if words(text).any(|word| is_verb(&word)) => {
                    reach.writers.insert(name);
                }
                _ => rest.push((kind.as_str(), name, text)),
            }
        }
        // What names something that reaches far reaches as far.
        loop {
            let before = reach.parents.len() + reach.writers.len();
            for (kind, name, text) in &rest {
                if words(text).any(|word| reach.writers.contains(&word)) {
                    reach.writers.insert(name.clone());
                }
                if *kind == "view" && words(text).any(|word| reach.parents.contains(&word)) {
                    reach.parents.insert(name.clone());
                }
            }
            if before == reach.parents.len() + reach.writers.len() {
                return reach;
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parents.is_empty() && self.writers.is_empty()
    }

    /// Whether rows may be stored in this table, which a statement names as written, that are longer than what came for
    /// them; `None` for one that may be any. False alarms are allowed.
    pub(crate) fn fills(&self, table: Option<&str>) -> bool {
        match table.and_then(|table| table.strip_prefix('"')) {
            Some(quoted) => self.filled.contains(quoted.trim_end_matches('"')),
            None if self.filled.is_empty() => false,
            None => table.is_none_or(|table| self.filled.contains(&table.to_lowercase())),
        }
    }

    /// Whether a statement with this text may change rows that its tag does not tell. False alarms are allowed.
    pub(crate) fn covers(&self, sql: &str, may_cascade: bool) -> bool {
        words(sql).any(|word| {
            self.writers.contains(&word) || (may_cascade && self.parents.contains(&word))
        })
    }
}

fn is_verb(word: &str) -> bool {
    matches!(word, "insert" | "update" | "delete" | "merge")
}

/// Runs of what names are made of, in lower case.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|next: char| !(next.is_alphanumeric() || next == '_' || next == '$'))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Whether a DDL statement may change what is to be looked for.
pub(crate) fn may_change_reach(sql: &str) -> bool {
    words(sql).any(|word| {
        matches!(
            word.as_str(),
            "table" | "references" | "function" | "routine" | "view" | "alter" | "drop"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(rows: &[[&str; 3]]) -> Reach {
        let rows: Vec<Vec<Option<String>>> = rows
            .iter()
            .map(|row| row.iter().map(|text| Some((*text).to_owned())).collect())
            .collect();
        Reach::of(&rows)
    }

    #[test]
    fn a_delete_from_what_cascades_reaches_far_and_an_insert_does_not() {
        let reach = reach(&[
            ["table", "Owner", ""],
            ["view", "tall_owner", "Owner"],
            ["view", "pets", "pet"],
        ]);
        assert!(reach.covers("DELETE FROM \"Owner\"", true));
        assert!(reach.covers("DELETE FROM clinic.tall_owner", true));
        assert!(!reach.covers("INSERT INTO \"Owner\" VALUES (1)", false));
        assert!(!reach.covers("DELETE FROM pets", true));
    }

    #[test]
    fn a_table_that_fills_its_rows_is_known_as_a_statement_writes_it() {
        let reach = reach(&[["filled", "pet", ""], ["filled", "Tall owner", ""]]);
        for table in ["pet", "PET", "\"pet\"", "\"Tall owner\""] {
            assert!(reach.fills(Some(table)), "{table}");
        }
        assert!(!reach.fills(Some("\"PET\"")) && !reach.fills(Some("visit")));
        assert!(reach.fills(None) && !Reach::default().fills(None));
        assert!(reach.is_empty());
    }

    #[test]
    fn a_function_that_writes_is_found_through_others() {
        let reach = reach(&[
            ["function", "total", "SELECT count(*) FROM pet"],
            ["function", "all_gone", "SELECT gone(id) FROM pet"],
            [
                "function",
                "gone",
                "DELETE FROM pet WHERE id = $1 RETURNING 1",
            ],
            ["view", "ghosts", "all_gone"],
        ]);
        for sql in ["SELECT gone(1)", "SELECT All_Gone()", "TABLE ghosts"] {
            assert!(reach.covers(sql, false), "{sql}");
        }
        assert!(!reach.covers("SELECT total()", true));
    }
}
