//! Scripts named on the command line.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A script, and the places in it.
#[derive(Debug)]
pub(crate) struct Script {
    /// The file as it was named; `<stdin>` for standard input.
    pub(crate) name: String,
    pub(crate) text: String,
}

impl Script {
    /// Reads a file, or standard input for `-`.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Read {
            path: path.to_owned(),
            source,
        };
        if path.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(failed)?;
            return Ok(Self {
                name: "<stdin>".to_owned(),
                text,
            });
        }
        let text = std::fs::read_to_string(path).map_err(failed)?;
        Ok(Self {
            name: path.display().to_string(),
            // A byte order mark is no SQL.
            text: text
                .strip_prefix('\u{feff}')
                .map(str::to_owned)
                .unwrap_or(text),
        })
    }

    /// Reads every file, or standard input when none is named.
    pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<Self>, Error> {
        if paths.is_empty() {
            return Ok(vec![Self::read(Path::new("-"))?]);
        }
        paths.iter().map(|path| Self::read(path)).collect()
    }

    /// The line and column, from 1, of a byte; columns count characters.
    pub(crate) fn place(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text[..offset];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (line, before[start..].chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_columns() {
        let script = Script {
            name: String::new(),
            text: "é;\nab\n".to_owned(),
        };
        for (offset, place) in [
            (0, (1, 1)),
            (1, (1, 1)),
            (2, (1, 2)),
            (4, (2, 1)),
            (5, (2, 2)),
            (99, (3, 1)),
        ] {
            assert_eq!(script.place(offset), place, "{offset}");
        }
    }
}
