//! Declared sizes of types.

use super::column::{columns, is_builtin, type_name};
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "type_size",
    summary: "Declared sizes have limits of their own",
    since: "2026-10-01",
    page: page::TYPES,
    forms: Form::TABLES,
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    for column in columns(subject) {
        let Some(kind) = column
            .kind
            .as_ref()
            .filter(|kind| is_builtin(subject, kind))
        else {
            continue;
        };
        let Some(size) = declared(subject, kind, 0) else {
            continue;
        };
        let scale = || declared(subject, kind, 1).is_some_and(|scale| scale.abs() > 1_000);
        let name = type_name(subject, kind);
        let is_numeric = matches!(name.as_deref(), Some("numeric" | "decimal" | "dec"));
        let (refusal, advice) = match (kind.kind(), name.as_deref()) {
            (K::VARCHAR_TYPE, _) | (_, Some("varchar")) if size > 65_535 => (
                Some(too_long(65_535, "varchar")),
                "varchar holds at most 65535 bytes: use text, which holds 1 MiB",
            ),
            (K::CHARACTER_TYPE, _) | (_, Some("char")) if size > 4_096 => (
                Some(too_long(4_096, "char")),
                "char holds at most 4096 bytes: use varchar or text",
            ),
            // By which of its names the service calls it is not recorded.
            (_, Some("bpchar")) if size > 4_096 => {
                (None, "bpchar holds at most 4096 bytes: use varchar or text")
            }
            _ if is_numeric && !(1..=1_000).contains(&size) => (
                Some(Refusal::new(
                    RULE.id,
                    "22023",
                    format!("NUMERIC precision {size} must be between 1 and 1000"),
                )),
                "numeric has 1 to 1000 digits",
            ),
            // How the service words it is not recorded.
            _ if is_numeric && scale() => (None, "the scale of numeric is between -1000 and 1000"),
            _ => continue,
        };
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(kind),
            refusal,
            fix: Fix::Refuse(advice.to_owned()),
        });
    }
}

fn too_long(limit: u32, kind: &str) -> Refusal {
    Refusal::new(
        RULE.id,
        "54000",
        format!("Datatype limit greater than {limit} bytes not supported for {kind}"),
    )
}

/// A number in its brackets, by its place.
pub(super) fn declared(subject: &Subject<'_>, kind: &SyntaxNode, place: usize) -> Option<i64> {
    let list = tree::child(kind, K::ARG_LIST)?;
    let argument = tree::children(&list, K::ARG).nth(place)?;
    let (start, end) = tree::span(&argument);
    subject.text[start..end].trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE pet (a varchar(65535), b char(4096), c numeric(1000, 2))"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TABLE pet (a varchar(70000))"), @"54000 Datatype limit greater than 65535 bytes not supported for varchar");
    }

    #[test]
    fn refused_char() {
        assert_snapshot!(checked("CREATE TABLE pet (a character(4097))"), @"54000 Datatype limit greater than 4096 bytes not supported for char");
    }

    #[test]
    fn refused_numeric() {
        assert_snapshot!(checked("CREATE TABLE pet (a decimal(1001))"), @"22023 NUMERIC precision 1001 must be between 1 and 1000");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CREATE TABLE pet (a bpchar(5000), b numeric(5, -2000))"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE pet (a varchar(70000))"), @"-- error: varchar holds at most 65535 bytes: use text, which holds 1 MiB [type_size]; the service answers 54000: Datatype limit greater than 65535 bytes not supported for varchar");
    }
}
