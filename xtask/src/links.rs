//! Relative links in Markdown lead to files and headings that are there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::root;

/// Checks every Markdown file of the project.
pub fn check() -> Result<()> {
    let mut files = Vec::new();
    collect(&root(), &mut files)?;
    files.sort();
    let mut faults = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        for (line, target) in links(&text) {
            if let Some(fault) = fault(file, &text, &target) {
                let name = file.strip_prefix(root()).unwrap_or(file).display();
                faults.push(format!("{name}:{line}: {target}: {fault}"));
            }
        }
    }
    if !faults.is_empty() {
        bail!(
            "{} links lead nowhere:\n{}",
            faults.len(),
            faults.join("\n")
        );
    }
    Ok(())
}

/// Markdown files, but none of what is hidden or built.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && name != "target" {
                collect(&path, files)?;
            }
        } else if name.ends_with(".md") {
            files.push(path);
        }
    }
    Ok(())
}

fn fault(file: &Path, text: &str, target: &str) -> Option<&'static str> {
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let other;
    let text = if path.is_empty() {
        text
    } else {
        let path = file.parent()?.join(path);
        if !path.exists() {
            return Some("there is no such file");
        }
        if heading.is_empty() || path.extension().is_none_or(|extension| extension != "md") {
            return None;
        }
        other = fs::read_to_string(path).unwrap_or_default();
        &other
    };
    let found = heading.is_empty() || headings(text).iter().any(|known| known == heading);
    (!found).then_some("there is no such heading")
}

/// The targets of relative links with their lines, outside code.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (number, line) in prose(text) {
        let line = without_code(line);
        let mut rest = line.as_str();
        while let Some(at) = rest.find("](") {
            rest = &rest[at + 2..];
            let Some(end) = rest.find(')') else { break };
            let target = rest[..end].split(' ').next().unwrap_or_default();
            links.push((number, target.to_owned()));
            rest = &rest[end..];
        }
        if let Some((_, target)) = line
            .strip_prefix('[')
            .and_then(|line| line.split_once("]: "))
        {
            links.push((number, target.trim().to_owned()));
        }
    }
    links.retain(|(_, target)| !target.contains("://") && !target.starts_with("mailto:"));
    links
}

/// The anchors of headings, as GitHub makes them.
fn headings(text: &str) -> Vec<String> {
    prose(text)
        .filter_map(|(_, line)| line.strip_prefix('#'))
        .map(|heading| {
            heading
                .trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect()
}

/// Lines, counted from 1, that are not in a block of code.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut code = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        (!code && !fence).then_some((index + 1, line))
    })
}

/// A line without what stands in backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_outside_code() {
        let text = "[a](b.md) and [c](d.md#e \"t\")\n```\n[no](x)\n```\n`[no](x)` [e]( https://x )\n[f]: g.md\n";
        let found: Vec<(usize, String)> = links(text);
        let found: Vec<(usize, &str)> = found
            .iter()
            .map(|(line, target)| (*line, &**target))
            .collect();
        assert_eq!(found[..3], [(1, "b.md"), (1, "d.md#e"), (5, "")]);
        assert_eq!(found[3], (6, "g.md"));
    }

    #[test]
    fn headings_have_the_anchors_of_github() {
        assert_eq!(
            headings("# A b\n## `dsql local`, quickly\n```\n# no\n```"),
            ["a-b", "dsql-local-quickly"]
        );
    }

    #[test]
    fn a_link_to_nowhere_is_a_fault() {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("x.md");
        assert_eq!(fault(&own, "# A", "#a"), None);
        assert!(fault(&own, "# A", "#b").is_some());
        assert_eq!(fault(&own, "", "Cargo.toml"), None);
        assert!(fault(&own, "", "no.md").is_some());
    }
}
