//! What came with a statement: how many bytes, and how long the longest piece of them is.

use dsql_sql::Scanned;

use crate::limits::Limits;
use crate::wire::frame::Fields;

/// A row has no more columns than this; a row that is too long has a piece that is not short.
const COLUMNS: u64 = 255;

/// Texts and values shorter than this are not looked into: their pieces are shorter still.
const LONG: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Brought {
    total: u64,
    longest: u64,
    /// Of the line that a COPY is at.
    line: u64,
}

impl Brought {
    /// The text of a statement: its pieces are its constants.
    pub(super) fn text(scanned: &Scanned<'_>) -> Self {
        let bytes = scanned.statement().text().len();
        let longest = if bytes < LONG {
            bytes
        } else {
            scanned.longest_token()
        };
        Self::of(bytes, longest)
    }

    /// The end of a Bind: formats, values, formats of results.
    pub(super) fn values(values: &[u8]) -> Self {
        let longest = if values.len() < LONG {
            values.len()
        } else {
            longest_value(values).unwrap_or(values.len())
        };
        Self::of(values.len(), longest)
    }

    /// More rows of a COPY: its pieces are lines.
    pub(super) fn copied(&mut self, data: &[u8]) {
        let mut lines = data.split(|byte| *byte == b'\n').map(length);
        self.line += lines.next().unwrap_or(0);
        for line in lines {
            self.longest = self.longest.max(self.line);
            self.line = line;
        }
        self.longest = self.longest.max(self.line);
        self.total = self.longest;
    }

    /// Whether there may be a value or a row in it that is too long.
    pub(super) fn is_much(&self, limits: &Limits) -> bool {
        self.longest > limits.value
            || (self.total > limits.row && self.longest > limits.row / COLUMNS)
    }

    /// How many bytes it is.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Whether it may be too many bytes for a transaction by itself.
    pub(super) fn is_too_much(&self, limits: &Limits) -> bool {
        self.total > limits.size
    }

    fn of(total: usize, longest: usize) -> Self {
        Self {
            total: u64::try_from(total).unwrap_or(u64::MAX),
            longest: u64::try_from(longest).unwrap_or(u64::MAX),
            line: 0,
        }
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

fn longest_value(values: &[u8]) -> Option<usize> {
    let mut fields = Fields::new(values);
    let formats = usize::try_from(fields.int16().ok()?).ok()?;
    fields.bytes(formats * 2).ok()?;
    let mut longest = 0;
    for _ in 0..fields.int16().ok()? {
        // -1 stands for NULL.
        if let Ok(length) = usize::try_from(fields.int32().ok()?) {
            fields.bytes(length).ok()?;
            longest = longest.max(length);
        }
    }
    Some(longest)
}

#[cfg(test)]
mod tests {
    use dsql_sql::Statement;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn many_short_values_are_not_much_and_a_long_one_is() {
        let limits = Limits::default();
        let row = |length: usize| format!("('{}')", "a".repeat(length));
        let text = |rows: &[String]| {
            let sql = format!("INSERT INTO t VALUES {}", rows.join(","));
            Brought::text(&Statement::new(&sql).scan())
        };
        assert!(!text(&vec![row(500); 5_000]).is_much(&limits));
        assert!(text(&[row(1_100_000)]).is_much(&limits));
        assert!(text(&[row(900_000), row(900_000), row(900_000)]).is_much(&limits));
    }

    #[test]
    fn lines_of_a_copy_are_put_together() {
        let mut brought = Brought::default();
        brought.copied(b"abc\nde");
        brought.copied(b"fgh");
        brought.copied(b"\n\nx\n");
        assert_eq!(brought.longest, 5);
        brought.copied(&[b'a'; 2_000_000]);
        assert!(brought.is_much(&Limits::default()));
    }

    #[test]
    fn the_longest_value_of_a_bind_is_found() {
        let values = b"\0\x01\0\x01\0\x03\0\0\0\x02ab\xff\xff\xff\xff\0\0\0\x01c\0\0";
        assert_eq!(longest_value(values), Some(2));
        assert_eq!(longest_value(b"\0\0\0\x01\0\0\0\x09"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(values: Vec<u8>) {
            let _ = longest_value(&values);
            Brought::default().copied(&values);
        }
    }
}
