//! The declared size of a key.

use super::column::is_builtin;
use super::constraint::keys;
use super::prelude::*;
use super::type_size::declared;

pub(super) static RULE: Rule = Rule {
    id: "key_size",
    summary: "The declared sizes of a key's columns come to at most 2,000 bytes",
    since: "2026-10-01",
    page: page::QUOTAS,
    forms: &[Form::CreateTable, Form::CreateSchema],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    for (key, columns) in keys(subject) {
        // What is declared without a size counts by what it holds.
        let size = columns
            .iter()
            .filter_map(|column| column.kind.as_ref())
            .filter(|kind| matches!(kind.kind(), K::VARCHAR_TYPE | K::CHARACTER_TYPE))
            .filter(|kind| is_builtin(subject, kind))
            .filter_map(|kind| declared(subject, kind, 0))
            .fold(0i64, i64::saturating_add);
        if size <= 2_000 {
            continue;
        }
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&key),
            refusal: Some(Refusal::new(
                RULE.id,
                "54000",
                "key size greater than 2000 bytes not supported",
            )),
            fix: Fix::Refuse(
                "a key holds 1 KiB, and its columns are declared to hold more than 2,000 bytes: \
                 declare them shorter, or make the key of a generated column such as md5(…)"
                    .to_owned(),
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE pet (url varchar(2000) UNIQUE, name varchar(60000), tag text PRIMARY KEY)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TABLE pet (url varchar(2001) UNIQUE)"), @"54000 key size greater than 2000 bytes not supported");
    }

    #[test]
    fn refused_together() {
        assert_snapshot!(checked("CREATE TABLE pet (a varchar(1500), b char(501), c int, PRIMARY KEY (c, a, b))"), @"54000 key size greater than 2000 bytes not supported");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE pet (url varchar(2048) UNIQUE)"), @"-- error: a key holds 1 KiB, and its columns are declared to hold more than 2,000 bytes: declare them shorter, or make the key of a generated column such as md5(…) [key_size]; the service answers 54000: key size greater than 2000 bytes not supported");
    }
}
