//! Types in keys.

use super::column::{canonical, is_builtin};
use super::constraint::keys;
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
    for (_, columns) in keys(subject) {
        for column in columns {
            let Some(kind) = column.kind.as_ref() else {
                continue;
            };
            let Some(name) = unfit(subject, kind) else {
                continue;
            };
            findings.push(Finding {
                rule: RULE.id,
                at: tree::start(kind),
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

/// The type's name, where it cannot be in a key.
fn unfit(subject: &Subject<'_>, kind: &SyntaxNode) -> Option<String> {
    if kind.kind() == K::ARRAY_TYPE || !is_builtin(subject, kind) {
        return None;
    }
    match canonical(subject, kind) {
        name if name == "time with time zone" => Some(UNWORDED.to_owned()),
        name if WORDED.contains(&name.as_str()) => Some(name),
        _ => None,
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
