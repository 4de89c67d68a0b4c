//! Types of identity columns.

use super::column::{canonical, columns};
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "identity_type",
    summary: "An identity column is a bigint",
    since: "2026-02-13",
    page: page::SEQUENCES,
    forms: &[Form::CreateTable, Form::CreateSchema],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    for column in columns(subject) {
        let Some(kind) = &column.kind else { continue };
        let name = canonical(subject, kind);
        if column.identity().is_none() || !matches!(name.as_str(), "integer" | "smallint") {
            continue;
        }
        let (start, end) = tree::span(kind);
        findings.push(Finding {
            rule: RULE.id,
            at: start,
            refusal: Some(Refusal::unsupported(
                RULE.id,
                format!("datatype {name} not supported, identity column type must be bigint"),
            )),
            fix: Fix::Edits(
                vec![Edit::replace(start, end, "bigint")],
                format!(
                    "{name} becomes bigint: read the column as a 64-bit integer, and widen the \
                     columns that refer to it"
                ),
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
        assert_snapshot!(checked("CREATE TABLE pet (id int8 GENERATED ALWAYS AS IDENTITY (CACHE 1))"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TABLE pet (id int GENERATED ALWAYS AS IDENTITY (CACHE 1))"), @"0A000 datatype integer not supported, identity column type must be bigint");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE pet (id smallint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY)"), @"
        -- note: smallint becomes bigint: read the column as a 64-bit integer, and widen the columns that refer to it [identity_type]

        CREATE TABLE pet (id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY);
        ");
    }
}
