//! Types in keys.

use super::column::{Column, canonical, columns, is_builtin};
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "key_type",
    summary: "Some types cannot be in a key",
    since: "2026-09-23",
    page: page::TYPES,
    forms: &[Form::CreateTable, Form::CreateSchema],
    matches: Match::Places(find),
};

/// Seen refused: bytea and jsonb. The others are documented as not allowed,
/// and presumably refused in the same words.
const WORDED: &[&str] = &["bytea", "interval", "json", "jsonb"];

/// Documented as not allowed too; by which of its names the service calls it
/// is not recorded.
const UNWORDED: &str = "timetz";

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(tree) = subject.tree() else { return };
    let unfit: Vec<(&Column, String)> = columns(subject)
        .iter()
        .filter_map(|column| {
            let kind = column
                .kind
                .as_ref()
                .filter(|kind| is_builtin(subject, kind))?;
            let name = match canonical(subject, kind) {
                _ if kind.kind() == K::ARRAY_TYPE => return None,
                name if name == "time with time zone" => UNWORDED.to_owned(),
                name => name,
            };
            let known = name == UNWORDED || WORDED.contains(&name.as_str());
            known.then_some((column, name))
        })
        .collect();
    if unfit.is_empty() {
        return;
    }
    for key in tree::descendants(tree, &[K::PRIMARY_KEY_CONSTRAINT, K::UNIQUE_CONSTRAINT]) {
        let named: Option<Vec<String>> = tree::child(&key, K::INDEX_PARAMETERS)
            .and_then(|parameters| tree::child(&parameters, K::CONSTRAINT_COLUMN_REF_LIST))
            .map(|list| {
                tree::children(&list, K::COLUMN_NAME_REF)
                    .map(|name| subject.folded(&name))
                    .collect()
            });
        for (column, name) in &unfit {
            let inside = match &named {
                Some(named) => {
                    column.node.parent() == key.parent()
                        && named.contains(&subject.folded(&column.name))
                }
                None => key.parent().as_ref() == Some(&column.node),
            };
            if !inside {
                continue;
            }
            findings.push(Finding {
                rule: RULE.id,
                at: column.kind.as_ref().map_or(0, tree::start),
                refusal: WORDED.contains(&name.as_str()).then(|| {
                    Refusal::unsupported(
                        RULE.id,
                        format!("datatype {name} is not supported in a key"),
                    )
                }),
                fix: Fix::Refuse(format!(
                    "a key cannot hold {name}: use text, uuid or a number, or a generated column"
                )),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE pet (id uuid PRIMARY KEY, doc jsonb)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TABLE pet (doc jsonb UNIQUE)"), @"0A000 datatype jsonb is not supported in a key");
    }

    #[test]
    fn refused_as_one_of_several() {
        assert_snapshot!(checked("CREATE TABLE pet (id int, \"Sum\" bytea, PRIMARY KEY (id, \"Sum\"))"), @"0A000 datatype bytea is not supported in a key");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CREATE TABLE pet (fed time with time zone UNIQUE)"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE pet (seen interval PRIMARY KEY)"), @"-- error: a key cannot hold interval: use text, uuid or a number, or a generated column [key_type]; the service answers 0A000: datatype interval is not supported in a key");
    }
}
