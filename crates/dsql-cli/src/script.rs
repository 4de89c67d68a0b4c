//! Scripts named on the command line.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A script, and the places in it.
#[derive(Debug)]
pub(crate) struct Script {
    /// The file as it was named; `<stdin>` for standard input.
    pub(crate) name: String,
    pub(crate) text: String,
    /// `None` for standard input.
    path: Option<PathBuf>,
    /// Where each line begins.
    lines: Vec<usize>,
    has_mark: bool,
}

/// A byte order mark, which is no SQL.
const MARK: char = '\u{feff}';

impl Script {
    fn new(name: String, text: String, path: Option<PathBuf>) -> Self {
        let stripped = text.strip_prefix(MARK).map(str::to_owned);
        let has_mark = stripped.is_some();
        let text = stripped.unwrap_or(text);
        let lines = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self {
            name,
            text,
            path,
            lines,
            has_mark,
        }
    }

    /// Reads a file, or standard input for `-`.
    fn read(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Read {
            path: path.to_owned(),
            source,
        };
        if path.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(failed)?;
            return Ok(Self::new("<stdin>".to_owned(), text, None));
        }
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let name = path.display().to_string();
        Ok(Self::new(name, text, Some(path.to_owned())))
    }

    /// Reads every file, the `*.sql` files of every folder, or standard input when nothing is named.
    pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<Self>, Error> {
        if paths.is_empty() {
            return Ok(vec![Self::read(Path::new("-"))?]);
        }
        let mut files = Vec::new();
        for path in paths {
            if path.as_os_str() != "-" && path.is_dir() {
                let before = files.len();
                scripts_in(path, &mut files)?;
                if files.len() == before {
                    return Err(Error::NoScripts(path.clone()));
                }
            } else {
                files.push(path.clone());
            }
        }
        files.iter().map(|path| Self::read(path)).collect()
    }

    /// Is it a file, which can be written back?
    pub(crate) fn is_file(&self) -> bool {
        self.path.is_some()
    }

    /// Puts another text into the file. The file is always either the old one or the new one, whole; one that has
    /// changed since it was read stays as it is.
    pub(crate) fn write_back(&self, text: &str) -> Result<(), Error> {
        let Some(path) = &self.path else {
            return Err(Error::FixesStandardInput);
        };
        let failed = |source| Error::Write {
            path: path.clone(),
            source,
        };
        // Not the link, but what it points at.
        let path = path.canonicalize().map_err(failed)?;
        let now = std::fs::read_to_string(&path).map_err(failed)?;
        if now.strip_prefix(MARK).unwrap_or(&now) != self.text {
            let changed = "it has been changed meanwhile; run the command again";
            return Err(failed(std::io::Error::other(changed)));
        }
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.dsql-new", std::process::id()));
        let new = path.with_file_name(name);
        let write = || {
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&new)?;
            if self.has_mark {
                file.write_all(MARK.encode_utf8(&mut [0; 4]).as_bytes())?;
            }
            file.write_all(text.as_bytes())?;
            file.set_permissions(std::fs::metadata(&path)?.permissions())?;
            file.sync_all()?;
            std::fs::rename(&new, &path)
        };
        write().map_err(|source| {
            let _ = std::fs::remove_file(&new);
            failed(source)
        })
    }

    /// The line and column, from 1, of a byte; columns count characters.
    pub(crate) fn place(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).map_or(0, |line| self.lines[line]);
        (line, self.text[start..offset].chars().count() + 1)
    }

    /// A line, from 1, without its end, and the byte where it begins.
    pub(crate) fn line(&self, number: usize) -> (&str, usize) {
        let start = |number: usize| self.lines.get(number).copied();
        let begin = number.checked_sub(1).and_then(start).unwrap_or(0);
        let end = start(number).unwrap_or(self.text.len());
        (self.text[begin..end].trim_end_matches(['\n', '\r']), begin)
    }
}

/// The `*.sql` files in a folder and its folders, in order of name. Hidden ones and links to folders are passed over.
fn scripts_in(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let failed = |source| Error::Read {
        path: folder.to_owned(),
        source,
    };
    let mut entries = std::fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(failed)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        if entry.file_type().map_err(failed)?.is_dir() {
            scripts_in(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("sql"))
            && path.is_file()
        {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_columns() {
        let script = Script::new(String::new(), "\u{feff}é;\nab\r\n".to_owned(), None);
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
        assert_eq!(script.line(2), ("ab", 4));
        assert_eq!(script.line(3), ("", 8));
    }
}
