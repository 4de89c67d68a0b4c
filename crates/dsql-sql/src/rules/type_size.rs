//! Declared sizes of types.

use super::column::{columns, type_name};
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
        let Some(kind) = &column.kind else { continue };
        let Some(size) = declared(subject, kind) else {
            continue;
        };
        let name = type_name(subject, kind);
        let (sqlstate, message, advice) = match (kind.kind(), name.as_deref()) {
            (K::VARCHAR_TYPE, _) if size > 65_535 => (
                "54000",
                "Datatype limit greater than 65535 bytes not supported for varchar".to_owned(),
                "varchar holds at most 65535 bytes: use text, which holds 1 MiB",
            ),
            (K::CHARACTER_TYPE, _) if size > 4_096 => (
                "54000",
                "Datatype limit greater than 4096 bytes not supported for char".to_owned(),
                "char holds at most 4096 bytes: use varchar or text",
            ),
            (_, Some("numeric" | "decimal" | "dec")) if !(1..=1_000).contains(&size) => (
                "22023",
                format!("NUMERIC precision {size} must be between 1 and 1000"),
                "numeric has 1 to 1000 digits",
            ),
            _ => continue,
        };
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(kind),
            refusal: Some(Refusal::new(RULE.id, sqlstate, message)),
            fix: Fix::Refuse(advice.to_owned()),
        });
    }
}

/// The first number in brackets.
fn declared(subject: &Subject<'_>, kind: &SyntaxNode) -> Option<u64> {
    let list = tree::child(kind, K::ARG_LIST)?;
    let first = tree::child(&list, K::ARG)?;
    let (start, end) = tree::span(&first);
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
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE pet (a varchar(70000))"), @"-- error: varchar holds at most 65535 bytes: use text, which holds 1 MiB [type_size]; the service answers 54000: Datatype limit greater than 65535 bytes not supported for varchar");
    }
}
