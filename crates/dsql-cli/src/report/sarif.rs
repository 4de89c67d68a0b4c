//! SARIF 2.1.0, which code scanning services read.

use std::path::Path;

use serde_json::{Value, json};

use super::{Report, rule, title};

pub(crate) fn sarif(report: &Report) -> String {
    let mut ids: Vec<&str> = Vec::new();
    let mut rules: Vec<Value> = Vec::new();
    let mut results: Vec<Value> = Vec::new();
    for (script, diagnostic) in report.diagnostics() {
        let index = ids.iter().position(|id| *id == diagnostic.rule);
        let index = index.unwrap_or_else(|| {
            ids.push(diagnostic.rule);
            rules.push(match rule(diagnostic) {
                Some(rule) => json!({
                    "id": rule.id(),
                    "shortDescription": { "text": rule.summary() },
                    "helpUri": rule.page(),
                }),
                None => json!({ "id": diagnostic.rule }),
            });
            ids.len() - 1
        });
        let message = format!(
            "{}. {}: {}",
            title(diagnostic).trim_end_matches('.'),
            report.verdict(diagnostic),
            diagnostic.advice
        );
        results.push(json!({
            "ruleId": diagnostic.rule,
            "ruleIndex": index,
            "level": report.level(diagnostic),
            "message": { "text": message },
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": { "uri": uri(&script.name) },
                    "region": {
                        "startLine": diagnostic.line,
                        "startColumn": diagnostic.column,
                        "endLine": diagnostic.line,
                        "endColumn": diagnostic.end_column,
                        "byteOffset": diagnostic.offset,
                        "byteLength": diagnostic.end - diagnostic.offset,
                    },
                },
            }],
        }));
    }
    super::pretty(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "dsql",
                    "version": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

/// A path as a URI, relative as the path is.
fn uri(name: &str) -> String {
    use std::fmt::Write;

    if name == "<stdin>" {
        return "stdin".to_owned();
    }
    let mut uri = if Path::new(name).is_absolute() {
        "file://".to_owned()
    } else {
        String::new()
    };
    let name = name.strip_prefix("./").unwrap_or(name);
    let name = if cfg!(windows) {
        name.replace('\\', "/")
    } else {
        name.to_owned()
    };
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("./a b/ä.sql"), "a%20b/%C3%A4.sql");
        assert_eq!(uri("<stdin>"), "stdin");
        #[cfg(unix)]
        assert_eq!(uri("/a/b.sql"), "file:///a/b.sql");
    }
}
