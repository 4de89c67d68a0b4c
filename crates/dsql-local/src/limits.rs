//! How much a cluster takes: the service's limits, each of which can be set for a test.

use std::str::FromStr;
use std::time::Duration;

use crate::inject::parse_duration;

/// The limits of a cluster. By default they are the service's own; a test sets those it wants to reach lower.
///
/// ```
/// use dsql_local::Limits;
///
/// let limits: Limits = "rows=100,size=1MiB,age=5s".parse()?;
/// assert_eq!(limits.rows, 100);
/// assert_eq!(limits.tables, 1_000);
/// # Ok::<(), dsql_local::LimitsError>(())
/// ```
///
/// A refusal keeps the words of the service whatever the limit is set to, so that a program that goes by them can be
/// tested: they go on naming the service's own figure.
///
/// Defaults are those of the user guide's page on quotas as of September 2026, or what a cluster was seen to do where
/// that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Rows that a transaction may insert, update or delete, cascades included. Default: 3,000.
    pub rows: u64,
    /// Bytes that a transaction may write. Default: 10 MiB.
    pub size: u64,
    /// How old a transaction may become. Default: 300 s.
    pub age: Duration,
    /// Bytes of one value as it is stored, compressed where that helps. Default: 1 MiB.
    pub value: u64,
    /// Bytes of one row as it is stored. Default: 2 MiB.
    pub row: u64,
    /// Bytes of one message of the protocol. Default: 10 MiB.
    pub message: u64,
    /// Columns of a table. Default: 255.
    pub columns: u64,
    /// Indexes of a table, those of its keys included. Default: 24.
    pub indexes: u64,
    /// Extended statistics of a table. Default: 5.
    pub statistics: u64,
    /// Tables. Default: 1,000.
    pub tables: u64,
    /// Views. Default: 5,000.
    pub views: u64,
    /// Sequences, those of identity columns included. Default: 5,000.
    pub sequences: u64,
    /// Schemas besides `public` and `sys`. Default: 10.
    pub schemas: u64,
    /// Connections at once. Default: 10,000; the PostgreSQL behind a cluster takes 200.
    pub connections: u64,
    /// How long a connection lives. A transaction that has begun may end. Default: 60 minutes.
    pub connection_age: Duration,
    /// New connections a second, once [`burst`](Self::burst) is used up. Default: 100.
    pub rate: u64,
    /// New connections that may come at once. Default: 1,000.
    pub burst: u64,
}

/// Why a text says no limits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitsError {
    /// A part that is not `NAME=VALUE`.
    #[error("`{0}` is not a limit. Write a list such as `rows=100,size=1MiB,age=5s`")]
    NotALimit(String),
    /// A name that is not known.
    #[error("there is no limit `{0}`. Known are {names}", names = Limits::NAMES.join(", "))]
    Unknown(String),
    /// A value that is no whole number.
    #[error("`{value}` is no value for `{name}`. Write a whole number, such as `{name}=100`")]
    Number {
        /// The limit.
        name: String,
        /// What was written.
        value: String,
    },
    /// A value that is no size.
    #[error(
        "`{value}` is no value for `{name}`. Write bytes, `KiB` or `MiB`, such as `{name}=64KiB`"
    )]
    Size {
        /// The limit.
        name: String,
        /// What was written.
        value: String,
    },
    /// A value that is no length of time.
    #[error("`{value}` is no value for `{name}`. Write a length of time, such as `{name}=5s`")]
    Duration {
        /// The limit.
        name: String,
        /// What was written.
        value: String,
    },
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        Self {
            rows: dsql_sql::transaction::ROWS,
            size: dsql_sql::transaction::BYTES,
            age: dsql_sql::transaction::AGE,
            value: MIB,
            row: 2 * MIB,
            message: 10 * MIB,
            columns: 255,
            indexes: 24,
            statistics: 5,
            tables: 1_000,
            views: 5_000,
            sequences: 5_000,
            schemas: 10,
            connections: 10_000,
            connection_age: Duration::from_secs(60 * 60),
            rate: 100,
            burst: 1_000,
        }
    }
}

impl Limits {
    const NAMES: [&str; 17] = [
        "rows",
        "size",
        "age",
        "value",
        "row",
        "message",
        "columns",
        "indexes",
        "statistics",
        "tables",
        "views",
        "sequences",
        "schemas",
        "connections",
        "connection-age",
        "rate",
        "burst",
    ];

    fn set(&mut self, name: &str, value: &str) -> Result<(), LimitsError> {
        match name {
            "rows" => self.rows = number(name, value)?,
            "size" => self.size = size(name, value)?,
            "age" => self.age = duration(name, value)?,
            "value" => self.value = size(name, value)?,
            "row" => self.row = size(name, value)?,
            "message" => self.message = size(name, value)?,
            "columns" => self.columns = number(name, value)?,
            "indexes" => self.indexes = number(name, value)?,
            "statistics" => self.statistics = number(name, value)?,
            "tables" => self.tables = number(name, value)?,
            "views" => self.views = number(name, value)?,
            "sequences" => self.sequences = number(name, value)?,
            "schemas" => self.schemas = number(name, value)?,
            "connections" => self.connections = number(name, value)?,
            "connection-age" => self.connection_age = duration(name, value)?,
            "rate" => self.rate = number(name, value)?,
            "burst" => self.burst = number(name, value)?,
            _ => return Err(LimitsError::Unknown(name.to_owned())),
        }
        Ok(())
    }
}

impl FromStr for Limits {
    type Err = LimitsError;

    fn from_str(text: &str) -> Result<Self, LimitsError> {
        let mut limits = Self::default();
        for part in text.split(',').map(str::trim) {
            let (name, value) =
                (part.split_once('=')).ok_or_else(|| LimitsError::NotALimit(part.to_owned()))?;
            limits.set(name.trim(), value.trim())?;
        }
        Ok(limits)
    }
}

fn number(name: &str, value: &str) -> Result<u64, LimitsError> {
    value.parse().map_err(|_| LimitsError::Number {
        name: name.to_owned(),
        value: value.to_owned(),
    })
}

fn size(name: &str, value: &str) -> Result<u64, LimitsError> {
    let (digits, unit) = [("MiB", 1024 * 1024), ("KiB", 1024), ("", 1)]
        .into_iter()
        .find_map(|(unit, bytes)| Some((value.strip_suffix(unit)?, bytes)))
        .unwrap_or((value, 1));
    (digits.trim_end().parse::<u64>().ok())
        .and_then(|count| count.checked_mul(unit))
        .ok_or_else(|| LimitsError::Size {
            name: name.to_owned(),
            value: value.to_owned(),
        })
}

fn duration(name: &str, value: &str) -> Result<Duration, LimitsError> {
    parse_duration(value).map_err(|_| LimitsError::Duration {
        name: name.to_owned(),
        value: value.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_can_be_set_by_its_name() {
        for name in Limits::NAMES {
            let value = match name {
                "age" | "connection-age" => "7s",
                _ => "7",
            };
            let limits: Limits = format!("{name}={value}").parse().unwrap();
            assert_ne!(limits, Limits::default(), "{name}");
        }
    }

    #[test]
    fn sizes_have_units() {
        let size = |text: &str| text.parse::<Limits>().map(|limits| limits.size);
        assert_eq!(size("size=3MiB"), Ok(3 * 1024 * 1024));
        assert_eq!(size("size=64 KiB, rows=1"), Ok(64 * 1024));
        assert_eq!(size("size=100"), Ok(100));
        assert!(size("size=1GB").is_err());
        assert!(size("size=99999999999999999MiB").is_err());
    }

    #[test]
    fn a_mistake_says_what_to_write() {
        let error = |text: &str| text.parse::<Limits>().unwrap_err().to_string();
        assert!(error("rows").contains("rows=100"), "{}", error("rows"));
        assert!(error("row_count=1").contains("connection-age"));
        assert!(error("age=5").contains("age=5s"));
        assert!(error("rows=many").contains("rows=100"));
    }
}
