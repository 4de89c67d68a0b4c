//! Scripts that people and tools have written, to begin from: the corpus, the
//! rows of the conformance tables, and the statements in the rules' own tests.

use std::fs;
use std::path::{Path, PathBuf};

/// All of them, shortest first, each once. Files that are gone are left out.
pub fn scripts() -> Vec<String> {
    let mut scripts: Vec<String> = dsql_sql::conformance::rows()
        .map(|row| row.statement)
        .collect();
    for path in files(&root().join("corpus"), "sql") {
        scripts.extend(fs::read_to_string(path));
    }
    for path in files(&root().join("crates/dsql-sql/src"), "rs") {
        let code = fs::read_to_string(path).unwrap_or_default();
        scripts.extend(literals(&code).filter(|text| is_sql(text)));
    }
    scripts.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    scripts.dedup();
    scripts
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|known| known == extension) {
            found.push(path);
        }
    }
    found
}

fn is_sql(text: &str) -> bool {
    const FIRST: &[&str] = &[
        "alter", "analyze", "begin", "call", "comment", "commit", "copy", "create", "delete",
        "drop", "explain", "grant", "insert", "merge", "select", "set", "truncate", "update",
        "with",
    ];
    let mut words = text.split_ascii_whitespace();
    words
        .next()
        .is_some_and(|first| FIRST.contains(&first.to_ascii_lowercase().as_str()))
        && words.next().is_some()
        && !text.contains('{')
}

/// The plain string literals of a Rust file.
fn literals(code: &str) -> impl Iterator<Item = String> {
    let mut rest = code;
    std::iter::from_fn(move || {
        let start = rest.find('"')?;
        let body = &rest[start + 1..];
        let mut text = String::new();
        let mut chars = body.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    rest = &body[at + 1..];
                    return Some(text);
                }
                '\\' => match chars.next()?.1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    // The next line goes on where its own text begins.
                    '\n' => {
                        let next = chars.as_str().trim_start();
                        let skipped = chars.as_str().len() - next.len();
                        for _ in 0..skipped {
                            chars.next();
                        }
                    }
                    other => text.push(other),
                },
                other => text.push(other),
            }
        }
        None
    })
}
